"""Test if the values of a tensor may be below zero."""

from ..graph import Graph, Op, Tensor
from .patterns import AVERAGE_POOLS, MAX_POOLS, SILENT

_POSITIVE = frozenset(("relu", "relu6", "sigmoid", "hardsigmoid", "softplus", "softmax", "abs", "exp", "square"))
_KEEPING = frozenset(
    (*SILENT, *AVERAGE_POOLS, *MAX_POOLS, "lp_pool2d", "interpolate", "flatten", "view", "reshape", "permute")
) | {
    "transpose",
    "getitem",
    "squeeze",
    "unsqueeze",
    "chunk",
    "split",
    "sum",
    "sqrt",
    "pixel_shuffle",
    "channel_shuffle",
}
_MERGES = frozenset(("cat", "add", "mul", "stack", "maximum"))


def may_be_negative(graph: Graph, tensor: Tensor) -> bool:
    """Return True if nothing between `tensor` and where its values come from keeps them at zero or above.

    The input of the network counts as signed: images are normalized to mean zero.
    """
    seen: set[Tensor] = set()
    asked = [tensor]
    while asked:
        current = asked.pop()
        if current in seen:
            continue
        seen.add(current)
        op = graph.producer(current)
        if op is None:
            return True
        if not _is_rectified(op):
            if not _passes_signs(op):
                return True
            asked += op.inputs
    return False


def _is_rectified(op: Op) -> bool:
    if op.kind == "pow":
        exponent = op.args["exponent"]
        return isinstance(exponent, int | float) and exponent % 2 == 0
    bound = {"clamp": "min", "hardtanh": "min_val"}.get(op.kind)
    if bound is not None:
        lowest = op.args.get(bound)
        return isinstance(lowest, int | float) and lowest >= 0
    return op.kind in _POSITIVE


def _passes_signs(op: Op) -> bool:
    if op.kind == "pad":
        return (op.args.get("value") or 0) >= 0
    if op.kind in _MERGES:  # a scalar beside the tensor: a negative one would turn the signs
        return all(value >= 0 for value in op.args.values() if isinstance(value, int | float))
    return op.kind in _KEEPING
