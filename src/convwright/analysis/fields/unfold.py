"""Rules of ops that list windows: `F.unfold` (im2col), `F.fold` (col2im) and `Tensor.unfold`."""

import numpy as np

from convwright.graph import Op

from . import taps
from .field_pass import AxisInterval, ReceptiveFieldPass, TensorField, each
from .intervals import Ints, PixelIntervals
from .reshape import reshaped
from .windows import channels_mixed


def im2col(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`F.unfold` lists windows along the last axis; `Tensor.unfold` gives windows an axis of their own."""
    args, field = op.args, fields.by_tensor[op.input]
    if "kernel_size" not in args:
        return _windows_apart(op, field)
    field = channels_mixed(field, op.input.ndim, 2)
    fields.apart.add(op.output)
    k, s, p, d = ((value,) * 2 if isinstance(value, int) else value for value in (args[name] for name in _IM2COL))
    *lead, height, width = op.input.shape
    counts = [(size + 2 * p[i] - d[i] * (k[i] - 1) - 1) // s[i] + 1 for i, size in enumerate((height, width))]
    for number, size in enumerate((height, width)):
        field = fields.along(
            field, len(lead) + number, taps.window(size, counts[number], k[number], s[number], p[number], d[number])
        )
    return reshaped(field, (*lead, *counts), (*op.output.shape[:-2], lead[-1], counts[0] * counts[1]))


_IM2COL = ("kernel_size", "stride", "padding", "dilation")


def _windows_apart(op: Op, field: TensorField) -> TensorField:
    axis, step = op.args["dimension"] % op.input.ndim, op.args["step"]
    index = np.arange(op.output.shape[axis])[:, None] * step + np.arange(op.args["size"])
    return each(
        field,
        lambda interval: _apart(interval, axis, step, index, op.input.ndim) if axis in interval.dims else interval,
    )


def _apart(interval: AxisInterval, axis: int, step: int, index: Ints, last: int) -> AxisInterval:
    place = interval.dims.index(axis)
    grids = list(interval.pixels.grids)
    inner, grids[place] = grids[place], grids[place].resampled(step, 1)
    lo, hi = (
        np.moveaxis(bounds.take(index, place), place + 1, -1) for bounds in (interval.pixels.lo, interval.pixels.hi)
    )
    return AxisInterval((*interval.dims, last), PixelIntervals(lo, hi, (*grids, inner)))


def col2im(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`F.fold`: windows listed along the last axis are added where they came from."""
    fields.note_if_apart(op)
    args, field = op.args, channels_mixed(fields.by_tensor[op.input], op.input.ndim, 1)
    k, s, p, d = ((value,) * 2 if isinstance(value, int) else value for value in (args[name] for name in _IM2COL))
    *lead, height, width = op.output.shape
    counts = [(size + 2 * p[i] - d[i] * (k[i] - 1) - 1) // s[i] + 1 for i, size in enumerate((height, width))]
    field = reshaped(field, op.input.shape, (*op.input.shape[:-1], *counts))
    for number, size in enumerate((height, width)):
        axis = len(lead) + number
        field = fields.along(
            field, axis, taps.transposed(counts[number], size, k[number], s[number], p[number], d[number])
        )
    return field
