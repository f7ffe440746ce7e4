"""`view` and its like: which axes of a tensor become which when its elements are grouped anew, in row-major order."""

from functools import lru_cache
from math import prod
from typing import NamedTuple

import numpy as np

from . import intervals
from .field_pass import MOST_POSITIONS, AxisInterval, TensorField
from .intervals import Ints, PixelIntervals


class Group(NamedTuple):
    """Neighbouring axes before, and those after that hold the same elements."""

    before: tuple[int, ...]
    after: tuple[int, ...]


@lru_cache(maxsize=512)
def groups(before: tuple[int, ...], after: tuple[int, ...]) -> tuple[Group, ...]:
    """The finest groups of axes that hold the same elements.

    >>> groups((2, 6, 5, 5), (2, 3, 2, 25))
    (Group(before=(0,), after=(0,)), Group(before=(1,), after=(1, 2)), Group(before=(2, 3), after=(3,)))
    """
    found: list[Group] = []
    i = j = 0
    while i < len(before) and j < len(after):
        start, place = i, j
        held, made = before[i], after[j]
        i, j = i + 1, j + 1
        while held != made and (i < len(before) or j < len(after)):
            if (held < made and i < len(before)) or j == len(after):
                held, i = held * before[i], i + 1
            else:
                made, j = made * after[j], j + 1
        found.append(Group(tuple(range(start, i)), tuple(range(place, j))))
    if i < len(before) or j < len(after):
        found.append(Group(tuple(range(i, len(before))), tuple(range(j, len(after)))))
    return tuple(found)


def reshaped(field: TensorField, before: tuple[int, ...], after: tuple[int, ...]) -> TensorField:
    """The field after a `view` from one shape to another."""
    for group in groups(before, after):
        names = [interval.dims for interval in field]
        field = tuple(
            [
                _regrouped(interval, group, before, after, _rank(names, group, place))
                for place, interval in enumerate(field)
            ]
        )
    # Axes that were moved are numbered from -1 downwards until all groups are done.
    return tuple([AxisInterval(tuple(-1 - dim for dim in interval.dims), interval.pixels) for interval in field])


def _rank(names: list[tuple[int, ...]], group: Group, place: int) -> int:
    """Count the image axes before this one that run along the group."""
    return sum(
        any(dim in group.before or (dim < 0 and -1 - dim in group.after) for dim in dims) for dims in names[:place]
    )


def _regrouped(
    interval: AxisInterval, group: Group, before: tuple[int, ...], after: tuple[int, ...], rank: int
) -> AxisInterval:
    inside = tuple(dim for dim in interval.dims if dim in group.before)
    if not inside:
        return interval
    old = [dim for dim in group.before if before[dim] > 1]
    new = [dim for dim in group.after if after[dim] > 1]
    if len(inside) == 1 and (len(group.before) == len(group.after) == 1 or (old == [*inside] and len(new) == 1)):
        target = -1 - (new or list(group.after))[0]
        return AxisInterval(tuple(target if dim == inside[0] else dim for dim in interval.dims), interval.pixels)
    places = tuple(interval.dims.index(dim) for dim in inside)
    if not group.after or prod(before[dim] for dim in group.before) > MOST_POSITIONS:
        kept = tuple(dim for dim in interval.dims if dim not in inside)
        return AxisInterval(kept, intervals.reduced(interval.pixels, places))
    return _poured(interval, group, before, after, rank)


def _poured(
    interval: AxisInterval, group: Group, before: tuple[int, ...], after: tuple[int, ...], rank: int
) -> AxisInterval:
    """Write the intervals out over the old axes of the group, and read them along its new ones."""
    kept = tuple(dim for dim in interval.dims if dim not in group.before)
    order = [interval.dims.index(dim) for dim in kept] + [
        interval.dims.index(d) for d in group.before if d in interval.dims
    ]
    full = [before[dim] for dim in group.before]
    room = [before[dim] if dim in interval.dims else 1 for dim in group.before]
    lead = [interval.pixels.lo.shape[place] for place in order[: len(kept)]]

    def pour(bounds: Ints) -> Ints:
        wide = bounds.transpose(order).reshape(lead + room)
        return np.broadcast_to(wide, lead + full).reshape(lead + [after[dim] for dim in group.after])

    lo, hi = pour(interval.pixels.lo), pour(interval.pixels.hi)
    axes = range(len(kept), lo.ndim)
    flat = [axis for axis in axes if _is_constant(lo, axis) and _is_constant(hi, axis)]
    if len(flat) == len(group.after):
        # All the same: let the image axes keep their order.
        spread = [axis for axis in axes if lo.shape[axis] > 1] or list(axes)
        flat.remove(spread[min(rank, len(spread) - 1)])
    dims = kept + tuple(-1 - dim for axis, dim in zip(axes, group.after, strict=True) if axis not in flat)
    lo, hi = (
        np.ascontiguousarray(bounds[tuple(0 if a in flat else slice(None) for a in range(lo.ndim))])
        for bounds in (lo, hi)
    )
    grids = [interval.pixels.grids[place] for place in order[: len(kept)]] + [None] * (len(dims) - len(kept))
    return _sorted(AxisInterval(dims, intervals.pixel_intervals(lo, hi, grids)))


def _sorted(interval: AxisInterval) -> AxisInterval:
    # New axes count downwards from -1, and lie before the old ones that no group has touched yet.
    order = sorted(range(len(interval.dims)), key=lambda place: (interval.dims[place] >= 0, abs(interval.dims[place])))
    pixels = PixelIntervals(
        interval.pixels.lo.transpose(order),
        interval.pixels.hi.transpose(order),
        tuple(interval.pixels.grids[place] for place in order),
        interval.pixels.rising,
    )
    return AxisInterval(tuple(interval.dims[place] for place in order), pixels)


def _is_constant(bounds: Ints, axis: int) -> bool:
    return bool((bounds == bounds.take([0], axis)).all())
