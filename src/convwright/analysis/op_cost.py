"""Cost of one op: MACs and FLOPs, the result of every cost rule."""

from collections.abc import Callable
from typing import NamedTuple

from convwright.graph import Op


class OpCost(NamedTuple):
    """Multiply-accumulates, and floating-point operations: those 2 * `macs` and everything else.

    >>> OpCost(macs=10, flops=25)
    OpCost(macs=10, flops=25)
    """

    macs: int
    flops: int


CostRule = Callable[[Op], OpCost]
