"""Calls of a class or function in the files of a repository, nearest first."""

import ast
import re
import time
from collections.abc import Iterator
from typing import Any

from torch import nn

from .names import name_of
from .repository import Repository
from .source_file import SourceFile
from .values import Values

_MOST_SECONDS = 1.0
_MOST_BYTES = 400_000


def found_calls(factory: Any, values: Values) -> Iterator[tuple[ast.Call, SourceFile]]:
    """Yield the calls of `factory`: those of its own file, then those of others that name it.

    Other files are searched as text first, for a second at most.
    """
    main = values.repository.main
    yield from _calls_in(main, factory, values)
    name = re.escape(factory.__name__.encode())
    modules = b"|".join(re.escape(each.encode()) for each in (main.path.stem, *main.path.parts[-3:-1]) if each)
    is_called = re.compile(rb"(?<!class )(?<!def )\b" + name + rb"\s*\(|^[ \t]*class \w+\([^)]*\b" + name, re.MULTILINE)
    is_imported = re.compile(rb"^[ \t]*(from|import)\b.*\b(" + modules + rb")\b", re.MULTILINE)
    for source in _others_with((is_called, is_imported), values.repository):
        yield from _calls_in(source, factory, values)


def is_used_in_a_class(factory: Any, values: Values) -> bool:
    """Return True if a class with a `forward` in another file calls `factory`: it is a part of a network there."""
    for call, source in found_calls(factory, values):
        kind = None if _calls_base(call) else source.enclosing(call, ast.ClassDef)
        if source is not values.repository.main and isinstance(kind, ast.ClassDef):
            if any(isinstance(each, ast.FunctionDef) and each.name == "forward" for each in kind.body):
                return True
            if any(name_of(base) == "Sequential" for base in kind.bases):
                return True
    return False


def _others_with(patterns: tuple[re.Pattern[bytes], ...], repository: Repository) -> Iterator[SourceFile]:
    stop = time.monotonic() + _MOST_SECONDS
    for path in repository.others:
        if time.monotonic() > stop:
            return
        try:
            text = path.read_bytes() if path.stat().st_size <= _MOST_BYTES else b""
        except OSError:
            continue
        source = repository.file(path) if all(each.search(text) for each in patterns) else None
        if source is not None:
            yield source


def _calls_in(source: SourceFile, factory: Any, values: Values) -> Iterator[tuple[ast.Call, SourceFile]]:
    """Yield the calls in a file: of the factory, of a subclass with the same constructor, and of it by a subclass."""
    names = {factory.__name__}
    by_subclass: list[ast.AST] = []
    for kind in source.tree.body if isinstance(factory, type) else ():
        if isinstance(kind, ast.ClassDef) and any(name_of(base) in names for base in kind.bases):
            constructor = next((each for each in kind.body if getattr(each, "name", "") == "__init__"), None)
            names |= {kind.name} if constructor is None else set()
            by_subclass += [each for each in ast.walk(constructor or kind) if constructor and _calls_base(each)]
    for call in source.calls:
        if call in by_subclass:
            yield call, source
        elif name_of(call.func) in names:
            called = values.of(call.func, source)
            # Another of the same name is another; one that is not known is taken for it.
            if called is None or called.value is factory or _is_same(called.value, factory):
                yield call, source


def _calls_base(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call) and ast.unparse(node.func) == "super().__init__" and bool(node.args or node.keywords)
    )


def _is_same(one: Any, other: Any) -> bool:
    """Return True if both come from the same lines, imported under two names."""
    codes = [
        getattr(getattr(each, "__init__", None) if isinstance(each, type) else each, "__code__", None)
        for each in (one, other)
    ]
    return codes[0] not in (None, nn.Module.__init__.__code__) and codes[0] == codes[1]
