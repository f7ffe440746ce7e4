"""Rules of ops that move elements about: reshapes, permutations, slices, concatenation, flips, rolls, repeats."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from convwright.graph import Op

from . import intervals, taps
from .indexing import indexed
from .intervals import NOTHING
from .reshape import reshaped
from .sights import Reach, Sight, Sights, everywhere, extent, laid, moved, reduced


def view(fields: Sights, op: Op) -> Sight:
    """`view`, `reshape`, `flatten`, `unflatten`: elements in the same order under another shape."""
    return reshaped(fields.of[op.input], op.input.shape, op.output.shape)


def squeeze(fields: Sights, op: Op) -> Sight:
    """`squeeze`: axes of size 1 vanish."""
    dim, shape = op.args["dim"], op.input.shape
    chosen = range(len(shape)) if dim is None else (dim,) if isinstance(dim, int) else dim
    gone = {axis for axis in chosen if shape[axis] == 1}
    return reduced(fields.of[op.input], gone, len(shape), keepdim=False)


def unsqueeze(fields: Sights, op: Op) -> Sight:
    """`unsqueeze`: a new axis of size 1."""
    dim = op.args["dim"]
    return moved(fields.of[op.input], [axis + (axis >= dim) for axis in range(op.input.ndim)])


def permute(fields: Sights, op: Op) -> Sight:
    """`permute`: output axis i is input axis dims[i]."""
    return permuted(fields.of[op.input], op.args["dims"])


def permuted(sight: Sight, order: Sequence[int]) -> Sight:
    """Output axis i is input axis order[i]."""
    return moved(sight, [order.index(axis) for axis in range(len(order))])


def transpose(fields: Sights, op: Op) -> Sight:
    """`transpose`, `t`, `mT`: two axes change places."""
    ndim = op.input.ndim
    order = list(range(ndim))
    if ndim > 1:
        one, other = op.args.get("dim0", ndim - 2), op.args.get("dim1", ndim - 1)
        order[one], order[other] = order[other], order[one]
    return permuted(fields.of[op.input], order)


def movedim(fields: Sights, op: Op) -> Sight:
    """`movedim`: some axes go to new places, the others keep their order."""
    ndim = op.input.ndim
    source, destination = ([axis % ndim for axis in _listed(op.args[name])] for name in ("source", "destination"))
    rest = iter([axis for axis in range(ndim) if axis not in source])
    there = dict(zip(destination, source, strict=True))
    return permuted(fields.of[op.input], [there[axis] if axis in there else next(rest) for axis in range(ndim)])


def _listed(value: int | Sequence[int]) -> tuple[int, ...]:
    return (value,) if isinstance(value, int) else tuple(value)


def flip(fields: Sights, op: Op) -> Sight:
    """`flip`: positions in reverse."""
    sight = fields.of[op.input]
    for axis in _listed(op.args["dims"]):
        size = op.input.shape[axis]
        sight = fields.along(sight, axis, taps.selected(size, size - 1, -1, -1))
    return sight


def roll(fields: Sights, op: Op) -> Sight:
    """`roll`: positions move on and come in again at the other end."""
    sight, dims = fields.of[op.input], op.args["dims"]
    shape = op.input.shape
    if dims is None or dims == ():
        return everywhere(sight)
    for axis, shift in zip(_listed(dims), _listed(op.args["shifts"]), strict=True):
        size = shape[axis % len(shape)]
        sight = fields.along(sight, axis % len(shape), taps.listed(size, (np.arange(size) - shift) % size))
    return sight


def expand(fields: Sights, op: Op) -> Sight:
    """`expand`: axes of size 1 are repeated, new ones come in front."""
    return fields.broadcast(fields.of[op.input], op.input.shape, op.output.shape)


def repeat(fields: Sights, op: Op) -> Sight:
    """`repeat` and `tile`: the whole axis again and again."""
    sight, added = fields.of[op.input], op.output.ndim - op.input.ndim
    for axis, size in enumerate(op.input.shape):
        wanted = op.output.shape[axis + added]
        if wanted != size:
            sight = fields.along(sight, axis, taps.listed(size, np.arange(wanted) % size))
    return moved(sight, range(added, op.output.ndim))


def repeat_interleave(fields: Sights, op: Op) -> Sight:
    """`repeat_interleave` by one number: every position several times in a row."""
    sight = fields.of[op.input]
    if op.output.ndim != op.input.ndim:
        return everywhere(sight)
    for axis, (size, wanted) in enumerate(zip(op.input.shape, op.output.shape, strict=True)):
        if wanted != size:
            whole = wanted % size == 0
            sight = fields.along(sight, axis, taps.stretched(size, wanted // size)) if whole else everywhere(sight)
    return sight


def split(fields: Sights, op: Op) -> list[Sight]:
    """`split`, `chunk`, `tensor_split`: consecutive pieces of one axis."""
    sight, axis = fields.of[op.input], op.args["dim"] % op.input.ndim
    pieces, start = [], 0
    for tensor in op.outputs:
        size = tensor.shape[axis]
        pieces.append(fields.along(sight, axis, taps.selected(op.input.shape[axis], start, start + size, 1)))
        start += size
    return pieces


def unbind(fields: Sights, op: Op) -> list[Sight]:
    """`unbind`: every position of one axis apart."""
    axis, size = op.args["dim"], op.input.shape[op.args["dim"]]
    sight = fields.of[op.input]
    return [
        reduced(
            fields.along(sight, axis, taps.selected(size, place, place + 1, 1)), (axis,), op.input.ndim, keepdim=False
        )
        for place in range(len(op.outputs))
    ]


def narrow(fields: Sights, op: Op) -> Sight:
    """`narrow`: a piece of one axis."""
    axis, start = op.args["dim"], op.args["start"]
    if not isinstance(start, int):
        return everywhere(fields.of[op.input])
    size = op.input.shape[axis]
    start %= size
    return fields.along(fields.of[op.input], axis, taps.selected(size, start, start + op.args["length"], 1))


def select(fields: Sights, op: Op) -> Sight:
    """`select`: one position of one axis, which vanishes."""
    axis, place = op.args["dim"], op.args["index"]
    size = op.input.shape[axis]
    place %= size
    sight = fields.along(fields.of[op.input], axis, taps.selected(size, place, place + 1, 1))
    return reduced(sight, (axis,), op.input.ndim, keepdim=False)


def gather_along(fields: Sights, op: Op) -> Sight:
    """`index_select`, `gather`, `take_along_dim`: positions chosen by numbers a trace does not have."""
    axis = op.args["dim"]
    return reduced(fields.merged(op, fields.seen(op)[:1]), (axis,), op.input.ndim)


def getitem(fields: Sights, op: Op) -> Sight:
    """`x[index]`."""
    sight = fields.of.get(op.input)
    if sight is None:
        # A table read at places that depend on the image.
        return fields.hulls(op, [everywhere(seen) for _, seen in fields.seen(op)])
    return indexed(fields, sight, op.input.shape, op.args["index"], op.output.ndim)


def cat(fields: Sights, op: Op) -> Sight:
    """`cat`: along channels the hull; along an axis that carries an image axis, positions after positions."""
    axis = op.args["dim"]
    parts = fields.seen(op)
    if not any(axis in reach.dims for _, sight in parts for reach in sight):
        return fields.hulls(op, [sight for _, sight in parts])
    tensors = [tensor for tensor in op.inputs if tensor.ndim == op.output.ndim]
    return joined(fields, op, [(tensor.shape[axis], fields.of.get(tensor)) for tensor in tensors], axis)


def stack(fields: Sights, op: Op) -> Sight:
    """`stack`: along a new axis; along which the positions differ where the tensors do."""
    axis = op.args["dim"]
    targets = [place + (place >= axis) for place in range(op.output.ndim - 1)]
    parts = [moved(fields.of[tensor], targets) if tensor in fields.of else None for tensor in op.inputs]
    first = parts[0]
    if first is not None and all(fields.of.get(tensor) is fields.of[op.input] for tensor in op.inputs):
        return first
    return joined(fields, op, [(1, part) for part in parts], axis)


def joined(fields: Sights, op: Op, parts: list[tuple[int, Sight | None]], axis: int) -> Sight:
    """Positions of one tensor after those of another along one axis; None is a tensor that sees nothing."""
    axes = len(next(sight for _, sight in parts if sight is not None))
    return tuple(
        [
            _joined(fields, op, [(size, sight and sight[number]) for size, sight in parts], axis)
            for number in range(axes)
        ]
    )


def _joined(fields: Sights, op: Op, parts: list[tuple[int, Any]], axis: int) -> Reach:
    known: list[Reach] = [reach for _, reach in parts if reach is not None]
    if len(known) == len(parts) and axis not in known[0].dims and all(reach == known[0] for reach in known):
        return known[0]
    dims = tuple(sorted({axis}.union(*(reach.dims for reach in known))))
    place = dims.index(axis)
    set_aside = fields.local and len({reach.is_pooled for reach in known}) == 2
    if set_aside:
        fields.gates[op.index] = op
    shape = [max((extent(reach, dim) for reach in known), default=1) for dim in dims]
    lows, highs = [], []
    for size, reach in parts:
        shape[place] = size
        empty = reach is None or (set_aside and reach.is_pooled)
        lows.append(np.full(shape, NOTHING) if empty else laid(reach, reach.span.lo, dims, shape))
        highs.append(np.full(shape, -NOTHING) if empty else laid(reach, reach.span.hi, dims, shape))
    grids = {dim: grid for reach in reversed(known) for dim, grid in zip(reach.dims, reach.span.grids, strict=True)}
    lo, hi = np.concatenate(lows, place), np.concatenate(highs, place)
    return Reach(dims, intervals.spanning(lo, hi, [grids.get(dim) for dim in dims]))
