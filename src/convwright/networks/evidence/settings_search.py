"""Settings of a repository that fit a parameter: those that have all that a function reads of it."""

import ast
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

from ...graph.records import Place
from .settings_files import read_settings
from .source_file import SourceFile
from .values import Value, Values, makes_a_value

_MOST_SECONDS = 1.0
_MOST_FOUND = 4
_CONFIG = re.compile(r"(cfg|conf|config|configs|configuration|args|opts?|options|settings|params|hparams|hps?)\d?")

Keys = tuple[str, ...]  # of nested settings, from the outside in


def settings_around(node: ast.AST | None, name: str, values: Values) -> list[Value]:
    """Return settings files, objects and classes of settings, of the repository, that have all that a body reads.

    Parameters
    ----------
    node : ast.AST or None
        The function; None if it is not known.
    name : str
        The parameter: one that is called like settings, or of which several keys are read.
    values : Values
        Values of the expressions of its repository; it is searched for a second at most.
    """
    read = keys_read(node, name) if node is not None else set()
    is_meant = len(read) > 1 or (read and _CONFIG.fullmatch(name))
    return [*islice(_found(read, values), _MOST_FOUND)] if is_meant else []


def _found(read: set[Keys], values: Values) -> Iterator[Value]:
    stop = time.monotonic() + _MOST_SECONDS
    for path in values.repository.settings_files:
        for found in _in_settings_file(path):
            if _has_all(found, read):
                yield Value(found, Place(file=str(path), line=1).shown_file)
    for path in values.repository.others:
        if time.monotonic() > stop:
            return
        source = values.repository.file(path) if _may_define(path, read) else None
        yield from _in_source(source, read, values) if source is not None else ()


def keys_read(node: ast.AST, name: str) -> set[Keys]:
    """Return what a body reads of a parameter, as attributes or as items; methods that it calls are none.

    >>> sorted(keys_read(ast.parse("cfg.model.width + cfg['depth'] + cfg.get('x')"), "cfg"))
    [('depth',), ('model',), ('model', 'width')]
    """
    methods = {id(part.func) for part in ast.walk(node) if isinstance(part, ast.Call)}
    found = {_keys(part, name) for part in ast.walk(node) if isinstance(part, ast.expr) and id(part) not in methods}
    return {keys for keys in found if keys}


def _keys(node: ast.expr, name: str) -> Keys | None:
    match node:
        case ast.Name(id=found) if found == name:
            return ()
        case ast.Attribute(value=owner, attr=key) | ast.Subscript(value=owner, slice=ast.Constant(value=str(key))):
            outer = _keys(owner, name)
            return None if outer is None else (*outer, key)
    return None


def _has_all(value: Any, read: set[Keys]) -> bool:
    return all(_has(value, keys) for keys in read)


def _has(value: Any, keys: Keys) -> bool:
    for key in keys:
        if isinstance(value, Mapping) and key in value:
            value = value[key]
        elif hasattr(value, key):
            value = getattr(value, key)
        else:
            return False
    return True


def _in_settings_file(path: Path) -> Iterator[Any]:
    """Yield the content of a file of settings, then each part of it that holds settings."""
    try:
        content = read_settings(path, [Path()])
    except LookupError:
        return
    yield content
    yield from (each for each in content.values() if isinstance(each, Mapping)) if isinstance(content, Mapping) else ()


def _may_define(path: Path, read: set[Keys]) -> bool:
    """Return True if the text of a file has the name of each key."""
    try:
        text = path.read_bytes()
    except OSError:
        return False
    return all(re.search(rb"\b" + re.escape(key.encode()) + rb"\b", text) for keys in read for key in keys)


def _in_source(source: SourceFile, read: set[Keys], values: Values) -> Iterator[Value]:
    """Yield the objects of a file that has all of the keys, and what its classes of settings make."""
    for binding in source.bindings(source.tree):
        value: Any = None
        if isinstance(binding.node, ast.ClassDef) and _may_be_settings(binding.node, read):
            kind = values.repository.execute(source).get(binding.target)
            # The user's own: one that cannot be made so is none.
            with suppress(Exception):
                value = kind() if isinstance(kind, type) and makes_a_value(kind) else None
        elif isinstance(binding.node, ast.expr) and binding.target.isidentifier():
            found = values.of_name(binding.target, source)
            value = found.value if found is not None else None
        if value is not None and _has_all(value, read):
            yield Value(value, source.place(binding.statement))


def _may_be_settings(node: ast.ClassDef, read: set[Keys]) -> bool:
    """Return True for a class that sets a key itself and computes nothing."""
    parts = [*ast.walk(node)]
    stored = {part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    stored |= {part.attr for part in parts if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store)}
    computes = any(isinstance(part, ast.FunctionDef) and part.name == "forward" for part in node.body)
    return not computes and bool(stored & {keys[0] for keys in read})
