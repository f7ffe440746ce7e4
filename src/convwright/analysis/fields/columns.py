"""Rules of ops that list windows: `F.unfold` (im2col), `F.fold` (col2im) and `Tensor.unfold`."""

import numpy as np

from convwright.graph import Op

from . import taps
from .intervals import Ints, Span
from .reshape import reshaped
from .sights import Reach, Sight, Sights, each
from .windows import channels_mixed


def im2col(fields: Sights, op: Op) -> Sight:
    """`F.unfold` lists windows along the last axis; `Tensor.unfold` gives windows an axis of their own."""
    args, sight = op.args, fields.of[op.input]
    if "kernel_size" not in args:
        return _windows_apart(op, sight)
    sight = channels_mixed(sight, op.input.ndim, 2)
    k, s, p, d = ((value,) * 2 if isinstance(value, int) else value for value in (args[name] for name in _IM2COL))
    *lead, height, width = op.input.shape
    counts = [(size + 2 * p[i] - d[i] * (k[i] - 1) - 1) // s[i] + 1 for i, size in enumerate((height, width))]
    for number, size in enumerate((height, width)):
        sight = fields.along(
            sight, len(lead) + number, taps.window(size, counts[number], k[number], s[number], p[number], d[number])
        )
    return reshaped(sight, (*lead, *counts), (*op.output.shape[:-2], lead[-1], counts[0] * counts[1]))


_IM2COL = ("kernel_size", "stride", "padding", "dilation")


def _windows_apart(op: Op, sight: Sight) -> Sight:
    axis, step = op.args["dimension"] % op.input.ndim, op.args["step"]
    index = np.arange(op.output.shape[axis])[:, None] * step + np.arange(op.args["size"])
    return each(sight, lambda reach: _apart(reach, axis, step, index, op.input.ndim) if axis in reach.dims else reach)


def _apart(reach: Reach, axis: int, step: int, index: Ints, last: int) -> Reach:
    place = reach.dims.index(axis)
    grids = list(reach.span.grids)
    inner, grids[place] = grids[place], grids[place].resampled(step, 1)
    lo, hi = (np.moveaxis(bounds.take(index, place), place + 1, -1) for bounds in (reach.span.lo, reach.span.hi))
    return Reach((*reach.dims, last), Span(lo, hi, (*grids, inner)))


def col2im(fields: Sights, op: Op) -> Sight:
    """`F.fold`: windows listed along the last axis are added where they came from."""
    args, sight = op.args, channels_mixed(fields.of[op.input], op.input.ndim, 1)
    k, s, p, d = ((value,) * 2 if isinstance(value, int) else value for value in (args[name] for name in _IM2COL))
    *lead, height, width = op.output.shape
    counts = [(size + 2 * p[i] - d[i] * (k[i] - 1) - 1) // s[i] + 1 for i, size in enumerate((height, width))]
    sight = reshaped(sight, op.input.shape, (*op.input.shape[:-1], *counts))
    for number, size in enumerate((height, width)):
        axis = len(lead) + number
        sight = fields.along(
            sight, axis, taps.transposed(counts[number], size, k[number], s[number], p[number], d[number])
        )
    return sight
