"""Ops that merge branches: additions, concatenations and gates."""

from math import prod
from typing import Literal

from ...graph import Graph, Op, Tensor

MergeKind = Literal["op", "add", "concat", "gate"]
_BOUNDED = ("sigmoid", "hardsigmoid", "softmax", "tanh")  # ops whose results serve as factors


def merge_kind(graph: Graph, op: Op) -> MergeKind:
    """Return how `op` merges what other ops made; "op" if it merges nothing.

    A product is a gate where one factor scales the other; see `gating_tensor`.
    """
    if len(_merged(op)) < 2:
        return "op"
    if op.kind in ("add", "sub"):
        return "add"
    if op.kind in ("cat", "stack"):
        return "concat"
    return "gate" if gating_tensor(graph, op) is not None else "op"


def gating_tensor(graph: Graph, op: Op) -> Tensor | None:
    """Return the factor of a product that scales the other: the smaller one, else the one between two bounds."""
    merged = _merged(op)
    if op.kind != "mul" or len(merged) != 2:
        return None
    smaller, larger = sorted(merged, key=lambda tensor: prod(tensor.shape))
    if prod(smaller.shape) < prod(larger.shape):
        return smaller
    bounded = [t for t in merged if (made := graph.producer(t)) is not None and made.kind in _BOUNDED]
    return bounded[0] if len(bounded) == 1 else None


def _merged(op: Op) -> list[Tensor]:
    return [tensor for tensor in dict.fromkeys(op.inputs) if tensor.role in ("result", "input") and tensor.ndim > 0]
