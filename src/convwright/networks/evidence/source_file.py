"""A user's file as a tree, with the scope of every node, what each scope binds, and where a line stands."""

import ast
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from ...errors import ConvwrightError
from ...graph.places import place_at
from ..reading.edited import keep_lines, source_data
from ..reading.notebook import is_notebook

Function = ast.FunctionDef | ast.AsyncFunctionDef
ScopeNode = ast.Module | ast.ClassDef | Function


@dataclass(frozen=True, kw_only=True)
class Binding:
    """Something that gets a value: `target = value`, a `with` or `for` target, an import, a definition.

    Attributes
    ----------
    target : str
        The target as source text, such as `width`, `args.width` or `cfg['width']`.
    node : ast.AST
        The expression whose value it gets; or the import, function or class that defines it.
    statement : ast.stmt
        The statement that binds it.
    path : tuple of int
        Positions in the value, from the outside in: (0,) for what a `for` runs over, (1,) for `b` in `a, b = pair`.
    """

    target: str
    node: ast.AST
    statement: ast.stmt
    path: tuple[int, ...] = ()


@lru_cache(maxsize=8)  # each network of a large file would parse it again
def _parsed(text: str | bytes, file: str) -> ast.Module:
    return ast.parse(text, filename=file)


class SourceFile:
    """Text of a user's file, and its namespace where it was executed.

    Parameters
    ----------
    path : Path
        Path of the file.
    text : str
        Its source; for a notebook that of its cells.
    namespace : mapping, optional
        Names of the module after its definitions ran; None for a file that was only read.

    Raises
    ------
    SyntaxError
        If it is not Python.
    """

    def __init__(self, path: Path, text: str | bytes, namespace: Mapping[str, Any] | None = None) -> None:
        self.path, self.namespace = Path(os.path.abspath(path)), namespace
        self.tree = _parsed(text, str(path))
        self._bindings: dict[ScopeNode, list[Binding]] = {}

    @classmethod
    def read(cls, path: Path, namespace: Mapping[str, Any] | None = None) -> "SourceFile | None":
        """Read a file, edited or not; None if it cannot be read, or is not Python."""
        try:
            data = source_data(str(path))
            if is_notebook(path.name):
                keep_lines(str(path), data.decode())
            return cls(path, data, namespace)
        except (OSError, SyntaxError, ValueError, RecursionError, ConvwrightError):
            return None

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """The node that holds each node."""
        return {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    @cached_property
    def calls(self) -> list[ast.Call]:
        """All calls, in the order of the text."""
        found = [node for node in ast.walk(self.tree) if isinstance(node, ast.Call)]
        return sorted(found, key=lambda node: (node.lineno, node.col_offset))

    def place(self, node: ast.AST) -> str:
        """Return file and line of a node."""
        return str(place_at(str(self.path), getattr(node, "lineno", 1)))

    def around(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield the nodes that hold `node`, from the inside out."""
        while node in self.parents:
            node = self.parents[node]
            yield node

    def scopes(self, node: ast.AST) -> list[ScopeNode]:
        """Return the scopes in which a name at `node` is looked up, from the inside out, as Python does."""
        around = [each for each in (node, *self.around(node)) if isinstance(each, ScopeNode)]
        around = around[isinstance(node, Function | ast.ClassDef) :]  # it is defined in the scope outside
        # A header is evaluated outside; and the names of a class are not seen in its methods.
        around = [each for each in around if not isinstance(each, Function) or not self._is_in_header(node, each)]
        return [each for index, each in enumerate(around) if index == 0 or not isinstance(each, ast.ClassDef)]

    def _is_in_header(self, node: ast.AST, function: Function) -> bool:
        inside = node
        for each in self.around(node):
            if each is function:
                break
            inside = each
        return inside not in function.body

    def bindings(self, scope: ScopeNode) -> list[Binding]:
        """Return what a scope binds, in the order of the text."""
        if scope not in self._bindings:
            self._bindings[scope] = [found for part in scope.body for found in _bindings(part)]
        return self._bindings[scope]

    def enclosing(self, node: ast.AST, kind: type[ast.AST]) -> ast.AST | None:
        """Return the nearest node of a kind that holds `node`."""
        return next((each for each in self.around(node) if isinstance(each, kind)), None)

    def function(self, name: str) -> Function | None:
        """Return the function of the module with this name."""
        found = [each.node for each in self.bindings(self.tree) if each.target == name]
        return next((node for node in reversed(found) if isinstance(node, Function)), None)


def _bindings(statement: ast.stmt) -> Iterator[Binding]:
    """Yield what a statement binds, and those in its blocks; not those of a function's or class's own scope."""
    if isinstance(statement, Function | ast.ClassDef):
        yield Binding(target=statement.name, node=statement, statement=statement)
        return
    for target, value, path in _targets(statement):
        yield from _pairs(target, value, statement, path)
    if isinstance(statement, ast.AugAssign):  # no expression of the text has its value
        yield Binding(target=ast.unparse(statement.target), node=statement, statement=statement)
    for alias in statement.names if isinstance(statement, ast.Import | ast.ImportFrom) else ():
        name = alias.asname or alias.name.partition(".")[0]
        yield Binding(target=name, node=alias, statement=statement)
    for block in ("body", "handlers", "orelse", "finalbody"):
        for part in getattr(statement, block, ()):
            for inner in part.body if isinstance(part, ast.ExceptHandler) else [part]:
                yield from _bindings(inner)


def _targets(statement: ast.stmt) -> Iterator[tuple[ast.expr, ast.expr, tuple[int, ...]]]:
    """Yield the targets of a statement, the expression whose value each gets, and the position in that."""
    match statement:
        case ast.Assign(targets=targets, value=value):
            yield from ((target, value, ()) for target in targets)
        case ast.AnnAssign(target=target, value=annotated) if annotated is not None:
            yield target, annotated, ()
        case ast.For(target=target, iter=value):
            yield target, value, (0,)
        case ast.With(items=items):
            yield from ((each.optional_vars, each.context_expr, ()) for each in items if each.optional_vars)


def _pairs(target: ast.expr, value: ast.expr, statement: ast.stmt, path: tuple[int, ...]) -> Iterator[Binding]:
    if not isinstance(target, ast.Tuple | ast.List):
        yield Binding(target=ast.unparse(target), node=value, statement=statement, path=path)
    elif not path and isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts):
        for each, part in zip(target.elts, value.elts, strict=True):
            yield from _pairs(each, part, statement, ())
    else:
        for index, each in enumerate(target.elts):
            yield from _pairs(each, value, statement, (*path, index))
