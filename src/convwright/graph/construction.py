"""Source line that built a module: the line `self.name = ...` in the class that holds it, read from its source."""

import ast
import linecache
from collections.abc import Iterator, Mapping
from functools import cache
from types import FunctionType

from .places import place_at
from .records import Place


def construction_place(path: str, classes: Mapping[str, type]) -> Place | None:
    """Return the line that built the module at `path`, or the nearest container of it that is found.

    Parameters
    ----------
    path : str
        Dotted path of a module.
    classes : mapping of str to type
        Class of the module at every path.
    """
    names = path.split(".") if path else []
    type_name = classes[path].__name__ if path in classes else ""
    for depth in range(len(names) - 1, -1, -1):
        holder = classes.get(".".join(names[:depth]))
        place = _place_in(holder, names[depth:], type_name) if holder else None
        if place is not None:
            return place
    return None


def forget_sources() -> None:
    """Read source files anew from here on: they changed."""
    _built.cache_clear()
    _classes_of.cache_clear()
    place_at.cache_clear()


def _place_in(holder: type, names: list[str], type_name: str) -> Place | None:
    """The line in the source of `holder` that builds its attribute `names[0]`, or an element of it."""
    for base in holder.__mro__:
        if base.__module__.startswith("torch."):
            return None
        found = [(file, _element(built, names[1:])) for file, name, built in _built(base) if name == names[0]]
        if found:
            # An attribute assigned in both branches of an `if`: the one that builds this class.
            file, built = next((pair for pair in found if type_name in _called(pair[1])), found[0])
            return place_at(file, built.lineno)
    return None


def _element(built: ast.expr, names: list[str]) -> ast.expr:
    """The deepest part of a literal container that `names` leads to."""
    for name in names:
        part = _item(built, name)
        if part is None:
            return built
        built = part
    return built


def _item(built: ast.expr, name: str) -> ast.expr | None:
    if not isinstance(built, ast.Call):
        return None
    items = built.args
    if len(items) == 1 and isinstance(items[0], ast.List | ast.Tuple):
        items = items[0].elts
    if name.isdigit() and int(name) < len(items):
        before = items[: int(name) + 1]
        return None if any(isinstance(item, ast.Starred) for item in before) else before[-1]
    for node in ast.walk(built):
        if isinstance(node, ast.Tuple) and len(node.elts) == 2 and _text(node.elts[0]) == name:
            return node.elts[1]
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if key is not None and _text(key) == name:
                    return value
    return None


def _text(node: ast.expr) -> object:
    return node.value if isinstance(node, ast.Constant) else None


def _called(node: ast.expr) -> set[str]:
    calls = (part.func for part in ast.walk(node) if isinstance(part, ast.Call))
    return {call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "") for call in calls}


@cache
def _built(holder: type) -> tuple[tuple[str, str, ast.expr], ...]:
    """File, attribute and expression of everything the methods of `holder` assign to `self`."""
    code = next((f.__code__ for f in vars(holder).values() if isinstance(f, FunctionType)), None)
    node = _classes_of(code.co_filename).get(holder.__qualname__) if code else None
    if code is None or node is None:
        return ()
    return tuple((code.co_filename, name, built) for name, built in _assignments(node))


def _assignments(holder: ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(holder):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
                    yield target.attr, node.value
        elif isinstance(node, ast.Call):
            # self.add_module("name", built) and setattr(self, "name", built)
            name, *rest = [_text(argument) for argument in node.args[-2:]] or [None]
            if isinstance(name, str) and rest and _called(node) & {"add_module", "register_module", "setattr"}:
                yield name, node.args[-1]


@cache
def _classes_of(file: str) -> dict[str, ast.ClassDef]:
    """The classes of a source file by qualified name; none when it cannot be read."""
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except SyntaxError:
        return {}
    return dict(_named_classes(tree, ""))


def _named_classes(node: ast.AST, prefix: str) -> Iterator[tuple[str, ast.ClassDef]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            yield prefix + child.name, child
            yield from _named_classes(child, f"{prefix}{child.name}.")
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _named_classes(child, f"{prefix}{child.name}.<locals>.")
        else:
            yield from _named_classes(child, prefix)
