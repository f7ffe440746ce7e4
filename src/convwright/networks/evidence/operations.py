"""Operators, containers and formatted texts of Python, carried out on values that are known."""

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

Evaluate = Callable[[ast.expr], Any]

_BINARY: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
    ast.BitXor: operator.xor,
    ast.MatMult: operator.matmul,
}
_UNARY: Mapping[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
    ast.Not: operator.not_,
    ast.Invert: operator.invert,
}
_COMPARISONS: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}
_CONVERSIONS: Mapping[int, Callable[[Any], str]] = {ord("r"): repr, ord("s"): str, ord("a"): ascii}
_LARGEST_EXPONENT = 64
_LONGEST = 100_000


def carry_out(node: ast.expr, value: Evaluate) -> Any:
    """Return the value of an expression whose parts `value` evaluates.

    Raises
    ------
    LookupError
        For an expression of another kind, and for one whose value would be huge.

    Examples
    --------
    >>> carry_out(ast.parse("2 ** 5", mode="eval").body, ast.literal_eval)
    32
    """
    operation = _OPERATIONS.get(type(node))
    if operation is None:
        raise LookupError(ast.unparse(node))
    return operation(node, value)


def unpacked(items: list[ast.expr], value: Evaluate) -> Iterator[Any]:
    """Yield the values of the items of a list or of positional arguments, those with a star one by one."""
    for item in items:
        if isinstance(item, ast.Starred):
            yield from value(item.value)
        else:
            yield value(item)


def _mapping(keys: list[ast.expr | None], values: list[ast.expr], value: Evaluate) -> dict[Any, Any]:
    result: dict[Any, Any] = {}
    for key, item in zip(keys, values, strict=True):
        if key is None:
            result |= value(item)
        else:
            result[value(key)] = value(item)
    return result


def _binary(op: ast.operator, left: Any, right: Any) -> Any:
    is_huge = isinstance(op, ast.Pow | ast.LShift) and isinstance(right, int) and abs(right) > _LARGEST_EXPONENT
    if isinstance(op, ast.Mult):
        for sized, times in ((left, right), (right, left)):
            is_huge |= isinstance(times, int) and hasattr(sized, "__len__") and len(sized) * times > _LONGEST
    if is_huge:
        raise LookupError("a value that would be huge")
    return _BINARY[type(op)](left, right)


def _connective(node: ast.BoolOp, value: Evaluate) -> Any:
    result = value(node.values[0])
    for each in node.values[1:]:
        if bool(result) == isinstance(node.op, ast.Or):
            break
        result = value(each)
    return result


def _comparison(node: ast.Compare, value: Evaluate) -> bool:
    pairs = pairwise([value(each) for each in (node.left, *node.comparators)])
    return all(_COMPARISONS[type(op)](a, b) for op, (a, b) in zip(node.ops, pairs, strict=True))


def _formatted(node: ast.FormattedValue, value: Evaluate) -> str:
    shown = value(node.value)
    if node.conversion in _CONVERSIONS:
        shown = _CONVERSIONS[node.conversion](shown)
    return format(shown, value(node.format_spec) if node.format_spec is not None else "")


_OPERATIONS: Mapping[type[ast.expr], Callable[[Any, Evaluate], Any]] = {
    ast.Constant: lambda node, _: node.value,
    ast.Tuple: lambda node, value: tuple(unpacked(node.elts, value)),
    ast.List: lambda node, value: list(unpacked(node.elts, value)),
    ast.Set: lambda node, value: set(unpacked(node.elts, value)),
    ast.Dict: lambda node, value: _mapping(node.keys, node.values, value),
    ast.BinOp: lambda node, value: _binary(node.op, value(node.left), value(node.right)),
    ast.UnaryOp: lambda node, value: _UNARY[type(node.op)](value(node.operand)),
    ast.BoolOp: _connective,
    ast.Compare: _comparison,
    ast.IfExp: lambda node, value: value(node.body if value(node.test) else node.orelse),
    ast.Subscript: lambda node, value: value(node.value)[value(node.slice)],
    ast.Slice: lambda node, value: slice(*(each and value(each) for each in (node.lower, node.upper, node.step))),
    ast.JoinedStr: lambda node, value: "".join(str(value(each)) for each in node.values),
    ast.FormattedValue: _formatted,
}
