"""What a tensor sees of the image: for each image axis, along which tensor axes the intervals vary, and the intervals.

Positions of one channel and of another are not kept apart: the field of a position is the hull over its channels,
and over the batch.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from math import prod
from typing import NamedTuple

import numpy as np

from convwright.graph import Op, Tensor

from . import intervals, taps
from .intervals import Ints, Span
from .taps import Taps


class Reach(NamedTuple):
    """The intervals along one image axis.

    `dims` names the tensor axes along which they vary, in rising order, one per axis of the span's arrays. None at
    all, after a global pool, means that every position sees the same.
    """

    dims: tuple[int, ...]
    span: Span

    @property
    def is_pooled(self) -> bool:
        """Whether no axis of the tensor belongs to this image axis any more."""
        return not self.dims


Sight = tuple[Reach, ...]
Places = tuple[int, ...]

# Positions beyond which their fields are no longer kept apart where axes are merged or crossed (8 MiB an array).
MOST_POSITIONS = 2**20


def is_map(sight: Sight) -> bool:
    """Whether every image axis still has one tensor axis of its own."""
    return all(len(reach.dims) == 1 for reach in sight) and len({reach.dims for reach in sight}) == len(sight)


@dataclass(frozen=True, kw_only=True, eq=False)
class Sights:
    """The sights of one pass over a graph, and the few operations from which every rule is made.

    Parameters
    ----------
    local : bool
        Set global gates aside, and note them in `gates`.
    continued : bool
        See on beyond the border, as in a larger image.

    Attributes
    ----------
    gates, unknown : dict of int to Op
        By index: ops where a global gate meets a map, and ops that no rule describes, taken to see everything.
    """

    local: bool
    continued: bool
    of: dict[Tensor, Sight] = field(default_factory=dict)
    gates: dict[int, Op] = field(default_factory=dict)
    unknown: dict[int, Op] = field(default_factory=dict)
    _gathered: dict[tuple[Span, int, Taps], Span] = field(default_factory=dict)
    _hulls: dict[tuple[Span, Span], Span] = field(default_factory=dict)
    _blind: dict[Span, bool] = field(default_factory=dict)
    _spreads: dict[tuple[Span, Places, int], Span] = field(default_factory=dict)

    def seen(self, op: Op) -> list[tuple[Tensor, Sight]]:
        """The inputs of `op` that depend on the image."""
        of = self.of
        return [(tensor, of[tensor]) for tensor in op.inputs if tensor in of]

    def along(self, sight: Sight, axis: int, taps: Taps) -> Sight:
        """Read `taps` along one tensor axis."""
        return tuple(
            [
                Reach(reach.dims, self._gather(reach.span, reach.dims.index(axis), taps))
                if axis in reach.dims
                else reach
                for reach in sight
            ]
        )

    def merged(self, op: Op, parts: Iterable[tuple[Tensor, Sight]]) -> Sight:
        """The hull of several tensors that broadcast against each other."""
        shape = op.output.shape
        return self.hulls(
            op,
            [sight if tensor.shape == shape else self.broadcast(sight, tensor.shape, shape) for tensor, sight in parts],
        )

    def broadcast(self, sight: Sight, before: tuple[int, ...], after: tuple[int, ...]) -> Sight:
        """Axes of size 1 repeated, and new ones put in front."""
        added = len(after) - len(before)
        for axis, size in enumerate(before):
            if after[axis + added] != size:
                sight = self.along(sight, axis, taps.repeated(after[axis + added]))
        return moved(sight, range(added, len(after))) if added else sight

    def hulls(self, op: Op, sights: Sequence[Sight]) -> Sight:
        """The hull of sights whose axes correspond."""
        first = sights[0]
        if all(sight is first for sight in sights):
            return first
        return tuple([self._hull_of(op, reaches) for reaches in zip(*map(self._settled, sights), strict=True)])

    def union(self, sights: Sequence[Sight]) -> Sight:
        """The hull of sights whose axes correspond, with nothing set aside."""
        if len(sights) == 1:
            return sights[0]
        return tuple([reduce(self._pair, reaches) for reaches in zip(*map(self._settled, sights), strict=True)])

    def _settled(self, sight: Sight) -> Sight:
        """Before a merge: a position that sees nothing along one image axis sees nothing along the others."""
        blind = [reach for reach in sight if not reach.span.rising and self._is_blind(reach.span)]
        return tuple([_blinded(reach, [r for r in blind if r is not reach]) for reach in sight]) if blind else sight

    def _is_blind(self, span: Span) -> bool:
        known = self._blind.get(span)
        if known is None:
            known = self._blind[span] = bool((span.lo > span.hi).any())
        return known

    def _hull_of(self, op: Op, reaches: tuple[Reach, ...]) -> Reach:
        dims = reaches[0].dims
        if all(reach.dims == dims for reach in reaches):
            return Reach(dims, reduce(self._hull, [reach.span for reach in reaches]))
        if self.local:
            spread = [reach for reach in reaches if reach.dims]
            if spread and len(spread) < len(reaches):
                self.gates[op.index] = op
                reaches = tuple(spread)
        return reduce(self._pair, reaches)

    def _pair(self, one: Reach, other: Reach) -> Reach:
        if one.dims == other.dims:
            return Reach(one.dims, self._hull(one.span, other.span))
        dims = tuple(sorted({*one.dims, *other.dims}))
        if prod(max(extent(one, dim), extent(other, dim)) for dim in dims) > MOST_POSITIONS:
            # Every query with every key of a large map: the hull over keys, of which all are seen in the end.
            kept = {dim: dim for dim in one.dims} if one.dims else {dims[0]: dims[0]}
            other = _moved(other, [kept.get(dim) for dim in range(dims[-1] + 1)])
            dims = tuple(sorted({*one.dims, *other.dims}))
        spans = [self._spread(reach.span, _places(reach, dims), len(dims)) for reach in (one, other)]
        return Reach(dims, self._hull(*spans))

    def _hull(self, one: Span, other: Span) -> Span:
        if one is other:
            return one
        found = self._hulls.get((one, other))
        if found is None:
            found = self._hulls[one, other] = intervals.hull(one, other)
        return found

    def _spread(self, span: Span, places: Places, ndim: int) -> Span:
        if len(places) == ndim:
            return span
        key = (span, places, ndim)
        found = self._spreads.get(key)
        if found is None:
            found = self._spreads[key] = intervals.spread(*key)
        return found

    def _gather(self, span: Span, axis: int, taps: Taps) -> Span:
        key = (span, axis, taps)
        found = self._gathered.get(key)
        if found is None:
            found = self._gathered[key] = intervals.gather(span, axis, taps, continued=self.continued)
        return found


def _places(reach: Reach, dims: tuple[int, ...]) -> Places:
    """Where the reach's tensor axes stand among `dims`."""
    return tuple([dims.index(dim) for dim in reach.dims])


def extent(reach: Reach, dim: int) -> int:
    """Positions along one tensor axis; 1 where the intervals do not vary."""
    return reach.span.lo.shape[reach.dims.index(dim)] if dim in reach.dims else 1


def laid(reach: Reach, bounds: Ints, dims: tuple[int, ...], shape: Sequence[int]) -> Ints:
    """One of the reach's arrays, written out over more tensor axes."""
    added = tuple(place for place, dim in enumerate(dims) if dim not in reach.dims)
    return np.broadcast_to(np.expand_dims(bounds, added), shape)


def _blinded(reach: Reach, others: Sequence[Reach]) -> Reach:
    """The reach, with nothing seen where one of the others sees nothing."""
    for other in others:
        dims = tuple(sorted({*reach.dims, *other.dims}))
        span, mask = (intervals.spread(r.span, _places(r, dims), len(dims)) for r in (reach, other))
        reach = Reach(dims, intervals.hidden(span, mask.lo > mask.hi))
    return reach


def each(sight: Sight, change: Callable[[Reach], Reach]) -> Sight:
    """The sight with one change made to every image axis."""
    return tuple([change(reach) for reach in sight])


def moved(sight: Sight, targets: Sequence[int | None]) -> Sight:
    """Tensor axis d becomes axis `targets[d]`; the hull is taken along those that go nowhere."""
    return each(sight, lambda reach: _moved(reach, targets))


def _moved(reach: Reach, targets: Sequence[int | None]) -> Reach:
    lost = tuple(place for place, dim in enumerate(reach.dims) if targets[dim] is None)
    span = intervals.reduced(reach.span, lost) if lost else reach.span
    places = [place for place in (targets[dim] for dim in reach.dims) if place is not None]
    dims = tuple(sorted(places))
    if list(dims) != places:
        order = np.argsort(places)
        span = Span(span.lo.transpose(order), span.hi.transpose(order), tuple(span.grids[place] for place in order))
    return Reach(dims, span)


def reduced(sight: Sight, axes: Iterable[int], ndim: int, *, keepdim: bool = True) -> Sight:
    """The hull along tensor axes, which stay with size 1 or vanish."""
    gone = {axis % ndim for axis in axes} if ndim else set()
    targets: list[int | None] = []
    kept = 0
    for axis in range(ndim):
        targets.append(None if axis in gone else kept)
        kept += keepdim or axis not in gone
    return moved(sight, targets)


def everywhere(sight: Sight) -> Sight:
    """Every position sees all that any position sees."""
    return each(sight, lambda reach: Reach((), intervals.reduced(reach.span, tuple(range(reach.span.lo.ndim)))))
