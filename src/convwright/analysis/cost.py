"""What one op computes: the pair of numbers every cost rule answers."""

from collections.abc import Callable
from typing import NamedTuple

from convwright.graph import Op


class Cost(NamedTuple):
    """Multiply-accumulates, and floating-point operations: those 2 * `macs` and everything else.

    >>> Cost(macs=10, flops=25)
    Cost(macs=10, flops=25)
    """

    macs: int
    flops: int


Rule = Callable[[Op], Cost]
