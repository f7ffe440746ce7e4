"""Rules of ops that write into part of a tensor."""

from typing import Any

import numpy as np

from convwright.graph import Op, Tensor

from . import intervals
from .field_pass import AxisInterval, ReceptiveFieldPass, TensorField, everywhere, laid, moved
from .indexing import is_plain, normal
from .intervals import NOTHING


def setitem(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`x[index] = value`: inside the index what the value sees, and what was there where only some channels change."""
    value = op.args["value"]
    items = normal(op.args["index"], op.input.ndim)
    if any(isinstance(item, slice) and not is_plain(item) for item in items):
        fields.unknown[op.index] = op
        return placed(fields, op)
    if not all(isinstance(item, int | slice) and not isinstance(item, bool) for item in items):
        return placed(fields, op)
    region = [
        range(size)[item if isinstance(item, slice) else slice(item, item % size + 1)] if size else range(0)
        for item, size in zip(items, op.output.shape, strict=True)
    ]
    base = fields.by_tensor.get(op.input)
    kept = [axis for axis, item in enumerate(items) if isinstance(item, slice)]
    written = None
    if value in fields.by_tensor:
        field, shape = fields.by_tensor[value], tuple(len(region[axis]) for axis in kept)
        written = moved(fields.broadcast(field, value.shape, shape) if value.ndim <= len(shape) else field, kept)
    sides = [field for field in (base, written) if field is not None]
    carriers = {dim for field in sides for interval in field for dim in interval.dims}
    return tuple(
        _written(base[n] if base else None, written[n] if written else None, region, op.output.shape, carriers)
        for n in range(len(sides[0]))
    )


def _written(
    base: AxisInterval | None,
    value: AxisInterval | None,
    region: list[range],
    shape: tuple[int, ...],
    carriers: set[int],
) -> AxisInterval:
    part = {axis for axis, places in enumerate(region) if places != range(shape[axis])}
    known = [interval for interval in (base, value) if interval is not None]
    dims = tuple(sorted((part & carriers).union(*(interval.dims for interval in known))))
    full = [shape[dim] for dim in dims]
    bounds = [np.full(full, edge) if base is None else laid(base, b, dims, full).copy() for b, edge in _sides(base)]
    inside = tuple(np.ix_(*([*region[dim]] for dim in dims)))
    room = [len(region[dim]) for dim in dims]
    for target, (side, edge), choose in zip(bounds, _sides(value), (np.minimum, np.maximum), strict=True):
        new = np.full(room, edge) if value is None else laid(value, side, dims, room)
        target[inside] = new if part <= set(dims) else choose(target[inside], new)
    grids = {
        dim: grid
        for interval in reversed(known)
        for dim, grid in zip(interval.dims, interval.pixels.grids, strict=True)
    }
    return AxisInterval(dims, intervals.pixel_intervals(bounds[0], bounds[1], [grids.get(dim) for dim in dims]))


def _sides(interval: AxisInterval | None) -> tuple[tuple[Any, int], tuple[Any, int]]:
    pixels = interval.pixels if interval else None
    return (pixels and pixels.lo, NOTHING), (pixels and pixels.hi, -NOTHING)


def copied(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`x.copy_(value)`, `fill_`: nothing of what was there is left."""
    parts = [(tensor, field) for tensor, field in fields.image_inputs(op) if tensor is not op.input]
    return fields.merged(op, parts) if parts else blank(fields.by_tensor[op.input])


def through_view(field: TensorField, view: Tensor, whole: Tensor) -> TensorField | None:
    """Return what the memory of a view sees as another tensor lays it out; None where only its offset would tell.

    An axis of the view along which the field varies is that of the other tensor with its stride, if they are as long.
    """
    targets: list[int | None] = []
    varying = {dim for interval in field for dim in interval.dims}
    for dim, (size, stride) in enumerate(zip(view.shape, view.stride, strict=True)):
        same = [axis for axis in range(whole.ndim) if (whole.shape[axis], whole.stride[axis]) == (size, stride)]
        if dim in varying and len(same) != 1:
            return None
        targets.append(same[0] if dim in varying else None)
    return moved(field, targets)


def blank(field: TensorField) -> TensorField:
    """Positions that see nothing."""
    nothing = intervals.pixel_intervals(np.asarray(NOTHING), np.asarray(-NOTHING), [])
    return tuple(AxisInterval((), nothing) for _ in field)


def placed(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`index_add`, `scatter`, `masked_scatter` ...: what was there, and anything the other tensors see."""
    base = fields.by_tensor.get(op.input)
    rest: list[TensorField] = [everywhere(field) for tensor, field in fields.image_inputs(op) if tensor is not op.input]
    return fields.union([base, *rest] if base is not None else rest)
