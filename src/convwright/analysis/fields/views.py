"""Rules of ops that move elements about: reshapes, permutations, slices, concatenation, flips, rolls, repeats."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from convwright.graph import Op

from . import intervals, taps
from .field_pass import AxisInterval, ReceptiveFieldPass, TensorField, extent, laid, moved, reduced
from .intervals import NOTHING
from .mixing import unknown
from .reshape import reshaped


def view(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`view`, `reshape`, `flatten`, `unflatten`: elements in the same order under another shape."""
    return reshaped(fields.by_tensor[op.input], op.input.shape, op.output.shape)


def squeeze(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`squeeze`: axes of size 1 vanish."""
    dim, shape = op.args["dim"], op.input.shape
    chosen = range(len(shape)) if dim is None else (dim,) if isinstance(dim, int) else dim
    gone = {axis for axis in chosen if shape[axis] == 1}
    return reduced(fields.by_tensor[op.input], gone, len(shape), keepdim=False)


def unsqueeze(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`unsqueeze`: a new axis of size 1."""
    dim = op.args["dim"]
    return moved(fields.by_tensor[op.input], [axis + (axis >= dim) for axis in range(op.input.ndim)])


def permute(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`permute`: output axis i is input axis dims[i]."""
    return permuted(fields.by_tensor[op.input], op.args["dims"])


def permuted(field: TensorField, order: Sequence[int]) -> TensorField:
    """Output axis i is input axis order[i]."""
    return moved(field, [order.index(axis) for axis in range(len(order))])


def transpose(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`transpose`, `t`, `mT`: two axes change places."""
    ndim = op.input.ndim
    order = list(range(ndim))
    if ndim > 1:
        one, other = op.args.get("dim0", ndim - 2), op.args.get("dim1", ndim - 1)
        order[one], order[other] = order[other], order[one]
    return permuted(fields.by_tensor[op.input], order)


def movedim(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`movedim`: some axes go to new places, the others keep their order."""
    ndim = op.input.ndim
    source, destination = ([axis % ndim for axis in _listed(op.args[name])] for name in ("source", "destination"))
    rest = iter([axis for axis in range(ndim) if axis not in source])
    there = dict(zip(destination, source, strict=True))
    return permuted(fields.by_tensor[op.input], [there[axis] if axis in there else next(rest) for axis in range(ndim)])


def _listed(value: int | Sequence[int]) -> tuple[int, ...]:
    return (value,) if isinstance(value, int) else tuple(value)


def flip(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`flip`: positions in reverse."""
    field = fields.by_tensor[op.input]
    for axis in _listed(op.args["dims"]):
        size = op.input.shape[axis]
        field = fields.along(field, axis, taps.selected(size, size - 1, -1, -1))
    return field


def roll(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`roll`: positions move on and come in again at the other end."""
    field, dims = fields.by_tensor[op.input], op.args["dims"]
    shape = op.input.shape
    if dims is None or dims == ():
        return unknown(fields, op)
    for axis, shift in zip(_listed(dims), _listed(op.args["shifts"]), strict=True):
        size = shape[axis % len(shape)]
        field = fields.along(field, axis % len(shape), taps.listed(size, (np.arange(size) - shift) % size))
    return field


def expand(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`expand`: axes of size 1 are repeated, new ones come in front."""
    return fields.broadcast(fields.by_tensor[op.input], op.input.shape, op.output.shape)


def repeat(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`repeat` and `tile`: the whole axis again and again."""
    field, added = fields.by_tensor[op.input], op.output.ndim - op.input.ndim
    for axis, size in enumerate(op.input.shape):
        wanted = op.output.shape[axis + added]
        if wanted != size:
            field = fields.along(field, axis, taps.listed(size, np.arange(wanted) % size))
    return moved(field, range(added, op.output.ndim))


def repeat_interleave(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`repeat_interleave` by one number: every position several times in a row."""
    field = fields.by_tensor[op.input]
    if len(op.inputs) > 1 or op.output.ndim != op.input.ndim:  # each as often as a tensor says; of all elements
        return unknown(fields, op)
    for axis, (size, wanted) in enumerate(zip(op.input.shape, op.output.shape, strict=True)):
        if wanted != size:
            field = fields.along(field, axis, taps.stretched(size, wanted // size))
    return field


def split(fields: ReceptiveFieldPass, op: Op) -> list[TensorField]:
    """`split`, `chunk`, `tensor_split`: consecutive pieces of one axis."""
    field, axis = fields.by_tensor[op.input], op.args["dim"] % op.input.ndim
    pieces, start = [], 0
    for tensor in op.outputs:
        size = tensor.shape[axis]
        pieces.append(fields.along(field, axis, taps.selected(op.input.shape[axis], start, start + size, 1)))
        start += size
    return pieces


def unbind(fields: ReceptiveFieldPass, op: Op) -> list[TensorField]:
    """`unbind`: every position of one axis apart."""
    axis, size = op.args["dim"], op.input.shape[op.args["dim"]]
    field = fields.by_tensor[op.input]
    return [
        reduced(
            fields.along(field, axis, taps.selected(size, place, place + 1, 1)), (axis,), op.input.ndim, keepdim=False
        )
        for place in range(len(op.outputs))
    ]


def narrow(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`narrow`: a piece of one axis."""
    axis, start = op.args["dim"], op.args["start"]
    if not isinstance(start, int):
        return unknown(fields, op)
    size = op.input.shape[axis]
    start %= size
    return fields.along(fields.by_tensor[op.input], axis, taps.selected(size, start, start + op.args["length"], 1))


def select(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`select`: one position of one axis, which vanishes."""
    axis, place = op.args["dim"], op.args["index"]
    size = op.input.shape[axis]
    place %= size
    field = fields.along(fields.by_tensor[op.input], axis, taps.selected(size, place, place + 1, 1))
    return reduced(field, (axis,), op.input.ndim, keepdim=False)


def cat(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`cat`: along channels the hull; along an axis that carries an image axis, positions after positions."""
    axis = op.args["dim"]
    parts = fields.image_inputs(op)
    if not any(axis in interval.dims for _, field in parts for interval in field):
        return fields.hulls(op, [field for _, field in parts])
    tensors = [tensor for tensor in op.inputs if tensor.ndim == op.output.ndim]
    return joined(fields, op, [(tensor.shape[axis], fields.by_tensor.get(tensor)) for tensor in tensors], axis)


def stack(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`stack`: along a new axis; along which the positions differ where the tensors do."""
    axis = op.args["dim"]
    targets = [place + (place >= axis) for place in range(op.output.ndim - 1)]
    parts = [moved(fields.by_tensor[tensor], targets) if tensor in fields.by_tensor else None for tensor in op.inputs]
    first = parts[0]
    if first is not None and all(fields.by_tensor.get(tensor) is fields.by_tensor[op.input] for tensor in op.inputs):
        return first
    return joined(fields, op, [(1, part) for part in parts], axis)


def joined(fields: ReceptiveFieldPass, op: Op, parts: list[tuple[int, TensorField | None]], axis: int) -> TensorField:
    """Positions of one tensor after those of another along one axis; None is a tensor that sees nothing."""
    axes = len(next(field for _, field in parts if field is not None))
    return tuple(
        [
            _joined(fields, op, [(size, field and field[number]) for size, field in parts], axis)
            for number in range(axes)
        ]
    )


def _joined(fields: ReceptiveFieldPass, op: Op, parts: list[tuple[int, Any]], axis: int) -> AxisInterval:
    known: list[AxisInterval] = [interval for _, interval in parts if interval is not None]
    if len(known) == len(parts) and axis not in known[0].dims and all(interval == known[0] for interval in known):
        return known[0]
    dims = tuple(sorted({axis}.union(*(interval.dims for interval in known))))
    place = dims.index(axis)
    set_aside = fields.local and len({interval.is_pooled for interval in known}) == 2
    if set_aside:
        fields.gates[op.index] = op
    shape = [max((extent(interval, dim) for interval in known), default=1) for dim in dims]
    lows, highs = [], []
    for size, interval in parts:
        shape[place] = size
        empty = interval is None or (set_aside and interval.is_pooled)
        lows.append(np.full(shape, NOTHING) if empty else laid(interval, interval.pixels.lo, dims, shape))
        highs.append(np.full(shape, -NOTHING) if empty else laid(interval, interval.pixels.hi, dims, shape))
    grids = {
        dim: grid
        for interval in reversed(known)
        for dim, grid in zip(interval.dims, interval.pixels.grids, strict=True)
    }
    lo, hi = np.concatenate(lows, place), np.concatenate(highs, place)
    return AxisInterval(dims, intervals.pixel_intervals(lo, hi, [grids.get(dim) for dim in dims]))
