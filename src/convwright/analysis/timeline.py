"""Bytes over time: what a step allocates and frees, and where it needs the most."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple


class Level(NamedTuple):
    """Bytes allocated at one moment: those that grow with the batch, and the others."""

    varying: int
    fixed: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.varying + self.fixed

    def at(self, batch: int, traced_batch: int) -> int:
        """All of them for another batch than the one that was traced.

        >>> Level(8, 1).at(3, traced_batch=2)
        13
        """
        return -(-self.varying * batch // traced_batch) + self.fixed


@dataclass(slots=True)
class Timeline:
    """Allocations over `num_moments` moments.

    Examples
    --------
    >>> timeline = Timeline.empty(4)
    >>> timeline.add(0, 2, 10, varies=True)
    >>> timeline.add(2, 3, 5, varies=False)
    >>> [varying + fixed for varying, fixed in timeline.levels()]
    [10, 10, 15, 5]
    """

    varying: list[int]
    fixed: list[int]

    @classmethod
    def empty(cls, num_moments: int) -> "Timeline":
        """Nothing allocated at any moment."""
        return cls([0] * (num_moments + 1), [0] * (num_moments + 1))

    def add(self, first: int, last: int, num_bytes: int, *, varies: bool) -> None:
        """Allocate from moment `first` to moment `last`, both included."""
        changes = self.varying if varies else self.fixed
        changes[first] += num_bytes
        changes[last + 1] -= num_bytes

    def levels(self) -> list[tuple[int, int]]:
        """Return what is allocated at each moment: as `Level`, but plain, since few of them are kept."""
        return list(zip(accumulate(self.varying[:-1]), accumulate(self.fixed[:-1]), strict=True))


def highest(levels: Sequence[tuple[int, int]]) -> int:
    """The first moment at which the most is allocated.

    >>> highest([Level(4, 1), Level(2, 4), Level(6, 0)])
    1
    """
    totals = [varying + fixed for varying, fixed in levels]
    return totals.index(max(totals))


def frontier(levels: Iterable[tuple[int, int]]) -> tuple[Level, ...]:
    """The levels that may be the highest at some batch size: no other one has as much of both.

    >>> frontier([Level(4, 1), Level(2, 3), Level(2, 2), Level(4, 0)])
    (Level(varying=4, fixed=1), Level(varying=2, fixed=3))
    """
    most: dict[int, int] = {}
    for varying, fixed in levels:
        if varying > most.get(fixed, -1):
            most[fixed] = varying
    kept: list[Level] = []
    for fixed in sorted(most, reverse=True):
        if not kept or most[fixed] > kept[-1].varying:
            kept.append(Level(most[fixed], fixed))
    return tuple(reversed(kept))
