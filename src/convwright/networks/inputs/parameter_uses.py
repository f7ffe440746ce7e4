"""The code of a forward, read for whether a parameter is a list, a tuple or a mapping of tensors."""

import ast
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from textwrap import dedent
from typing import Any

_OF_MAPPINGS = {"items", "keys", "values", "get", "popitem", "update"}
_OF_LISTS = {"append", "extend", "insert", "pop", "index", "copy", "reverse"}
_ITERATING = {"enumerate", "zip", "list", "tuple", "reversed", "sum", "iter", "len"}
_JOINING = {"cat", "concat", "concatenate", "stack", "hstack", "vstack"}


@dataclass(kw_only=True)
class ParameterUses:
    """Uses of one parameter, up to the line that gives its name another value.

    Attributes
    ----------
    owner : str
        The name of the module itself, "self" as a rule.
    keys : list of str
        Texts that it is indexed by.
    count : int
        Number of items that it has at least; 0 where nothing tells.
    has_count : bool
        True if it is unpacked into so many.
    iterates, maps, is_tuple, is_tensor : bool
        True if it is used as a sequence, as a mapping, must be a tuple, is used as a tensor.
    passed : list of tuple
        Parts of the module that it is given to, such as `encoder.stem`, with its place or name in the call.
    """

    owner: str
    keys: list[str] = field(default_factory=list)
    count: int = 0
    has_count: bool = False
    iterates: bool = False
    maps: bool = False
    is_tuple: bool = False
    is_tensor: bool = False
    passed: list[tuple[str, int | str]] = field(default_factory=list)

    def add(self, node: ast.Name, parents: list[ast.AST]) -> None:
        """Add one use: the name and the nodes around it, the nearest first."""
        match parents[0]:
            case ast.Attribute(attr=attribute):
                self._attribute(attribute, parents[1])
            case ast.Subscript(value=value, slice=index) if value is node:
                self._index(index)
            case ast.Assign(targets=[ast.Tuple(elts=targets) | ast.List(elts=targets)], value=value) if value is node:
                self.iterates = True
                if not any(isinstance(each, ast.Starred) for each in targets):
                    self.count, self.has_count = len(targets), True
            case ast.For() | ast.comprehension() | ast.Starred():
                self.iterates = True
            case ast.Call() as call:
                self._call(call, node, parents[1:])
            case ast.keyword(arg=str(name)) if isinstance(parents[1], ast.Call):
                self._pass(parents[1], name)
            case ast.BinOp() | ast.UnaryOp() | ast.AugAssign():
                self.is_tensor = True

    def _attribute(self, attribute: str, around: ast.AST) -> None:
        self.maps |= attribute in _OF_MAPPINGS
        self.iterates |= attribute in _OF_LISTS
        self.is_tensor |= attribute not in _OF_MAPPINGS | _OF_LISTS
        match around:
            case ast.Call(args=[ast.Constant(value=str(key)), *_]) if attribute in ("get", "pop"):
                self._key(key)

    def _key(self, key: str) -> None:
        self.maps = True
        self.keys += [key] * (key not in self.keys)

    def _index(self, index: ast.expr) -> None:
        match index:
            case ast.Constant(value=str(key)):
                self._key(key)
            case ast.Constant(value=int(number)) if not isinstance(number, bool):
                self.iterates = True
                self.count = max(self.count, number + 1)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(number))):
                self.iterates = True
                self.count = max(self.count, number)
            case ast.Name():
                self.iterates = True
            case ast.Slice(step=ast.UnaryOp()):  # a tensor cannot be read backwards
                self.iterates = True
            case ast.Tuple() | ast.Constant():
                self.is_tensor = True

    def _call(self, call: ast.Call, node: ast.Name, around: list[ast.AST]) -> None:
        called = ast.unparse(call.func)
        if called == "isinstance":
            is_required = any(isinstance(each, ast.Assert) for each in around)
            kinds = ast.unparse(call.args[-1])
            is_sequence = "tuple" in kinds or "list" in kinds
            self.iterates |= is_required and is_sequence
            self.maps |= is_required and "dict" in kinds.lower()
            self.is_tuple |= is_required and kinds == "tuple"
            self.is_tensor |= not is_required and (is_sequence or "Tensor" in kinds)
        elif called in _ITERATING or (called.rpartition(".")[2] in _JOINING and call.args[:1] == [node]):
            self.iterates = True
        elif node in call.args:
            self._pass(call, call.args.index(node))

    def _pass(self, call: ast.Call, place: int | str) -> None:
        owner, _, called = ast.unparse(call.func).partition(".")
        if owner == self.owner and called:
            self.passed.append((called, place))


def parameter_uses(forward: Callable[..., Any], name: str) -> ParameterUses:
    """Return the uses of a parameter of a forward; none of one whose source is not there."""
    function = _function(getattr(inspect.unwrap(forward), "__code__", None))
    uses = ParameterUses(owner=function.args.args[0].arg if function and function.args.args else "")
    for node, parents in _names(function) if function else ():
        if node.id != name:
            continue
        if isinstance(node.ctx, ast.Store):
            break
        uses.add(node, parents)
    return uses


@lru_cache(maxsize=256)
def _function(code: Any) -> ast.FunctionDef | None:
    try:
        function = ast.parse(dedent(inspect.getsource(code))).body[0]
    except (OSError, TypeError, SyntaxError, IndexError):
        return None
    return function if isinstance(function, ast.FunctionDef) else None


@lru_cache(maxsize=256)
def _names(function: ast.FunctionDef) -> tuple[tuple[ast.Name, list[ast.AST]], ...]:
    """Return the names in the body of a function, in the order in which they are read, with the nodes around each."""
    return tuple(found for part in function.body for found in _names_below(part, [function]))


def _names_below(node: ast.AST, around: list[ast.AST]) -> Iterator[tuple[ast.Name, list[ast.AST]]]:
    if isinstance(node, ast.Name):
        yield node, around
    for _, value in sorted(ast.iter_fields(node), key=lambda each: each[0] in ("target", "targets")):
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, ast.AST):
                yield from _names_below(part, [node, *around])
