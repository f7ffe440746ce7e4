"""Rules of ops that write into part of a tensor."""

from typing import Any

import numpy as np

from convwright.graph import Op

from . import intervals
from .indexing import normal
from .intervals import NOTHING
from .sights import Reach, Sight, Sights, everywhere, laid, moved


def setitem(fields: Sights, op: Op) -> Sight:
    """`x[index] = value`: inside the index what the value sees, and what was there where only some channels change."""
    value = op.args["value"]
    items = normal(op.args["index"], op.input.ndim)
    if not all(isinstance(item, int | slice) and not isinstance(item, bool) for item in items):
        return placed(fields, op)
    region = [
        range(size)[item if isinstance(item, slice) else slice(item, item % size + 1)] if size else range(0)
        for item, size in zip(items, op.output.shape, strict=True)
    ]
    base = fields.of.get(op.input)
    kept = [axis for axis, item in enumerate(items) if isinstance(item, slice)]
    written = None
    if value in fields.of:
        sight, shape = fields.of[value], tuple(len(region[axis]) for axis in kept)
        written = moved(fields.broadcast(sight, value.shape, shape) if value.ndim <= len(shape) else sight, kept)
    sides = [sight for sight in (base, written) if sight is not None]
    carriers = {dim for sight in sides for reach in sight for dim in reach.dims}
    return tuple(
        _written(base[n] if base else None, written[n] if written else None, region, op.output.shape, carriers)
        for n in range(len(sides[0]))
    )


def _written(
    base: Reach | None, value: Reach | None, region: list[range], shape: tuple[int, ...], carriers: set[int]
) -> Reach:
    part = {axis for axis, places in enumerate(region) if places != range(shape[axis])}
    known = [reach for reach in (base, value) if reach is not None]
    dims = tuple(sorted((part & carriers).union(*(reach.dims for reach in known))))
    full = [shape[dim] for dim in dims]
    bounds = [np.full(full, edge) if base is None else laid(base, b, dims, full).copy() for b, edge in _sides(base)]
    inside = tuple(np.ix_(*([*region[dim]] for dim in dims)))
    room = [len(region[dim]) for dim in dims]
    for target, (side, edge), choose in zip(bounds, _sides(value), (np.minimum, np.maximum), strict=True):
        new = np.full(room, edge) if value is None else laid(value, side, dims, room)
        target[inside] = new if part <= set(dims) else choose(target[inside], new)
    grids = {dim: grid for reach in reversed(known) for dim, grid in zip(reach.dims, reach.span.grids, strict=True)}
    return Reach(dims, intervals.spanning(bounds[0], bounds[1], [grids.get(dim) for dim in dims]))


def _sides(reach: Reach | None) -> tuple[tuple[Any, int], tuple[Any, int]]:
    span = reach.span if reach else None
    return (span and span.lo, NOTHING), (span and span.hi, -NOTHING)


def copied(fields: Sights, op: Op) -> Sight:
    """`x.copy_(value)`, `fill_`: nothing of what was there is left."""
    parts = [(tensor, sight) for tensor, sight in fields.seen(op) if tensor is not op.input]
    return fields.merged(op, parts) if parts else blank(fields.of[op.input])


def blank(sight: Sight) -> Sight:
    """Positions that see nothing."""
    nothing = intervals.spanning(np.asarray(NOTHING), np.asarray(-NOTHING), [])
    return tuple(Reach((), nothing) for _ in sight)


def placed(fields: Sights, op: Op) -> Sight:
    """`index_add`, `scatter`, `masked_scatter` ...: what was there, and anything the other tensors see."""
    base = fields.of.get(op.input)
    rest: list[Sight] = [everywhere(sight) for tensor, sight in fields.seen(op) if tensor is not op.input]
    return fields.union([base, *rest] if base is not None else rest)
