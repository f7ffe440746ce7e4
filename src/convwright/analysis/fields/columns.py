"""Rules of ops that list windows: `F.unfold` (im2col), `F.fold` (col2im) and `Tensor.unfold`."""

import numpy as np

from convwright.graph import Op

from . import taps
from .reshape import reshaped
from .sights import Sight, Sights
from .views import permuted


def im2col(fields: Sights, op: Op) -> Sight:
    """`F.unfold` lists windows along the last axis; `Tensor.unfold` gives windows an axis of their own."""
    args, sight = op.args, fields.of[op.input]
    if "kernel_size" not in args:
        return _windows_apart(fields, op, sight)
    k, s, p, d = ((value,) * 2 if isinstance(value, int) else value for value in (args[name] for name in _IM2COL))
    *lead, height, width = op.input.shape
    counts = [(size + 2 * p[i] - d[i] * (k[i] - 1) - 1) // s[i] + 1 for i, size in enumerate((height, width))]
    for number, size in enumerate((height, width)):
        sight = fields.along(
            sight, len(lead) + number, taps.window(size, counts[number], k[number], s[number], p[number], d[number])
        )
    return reshaped(sight, (*lead, *counts), (*op.output.shape[:-2], lead[-1], counts[0] * counts[1]))


_IM2COL = ("kernel_size", "stride", "padding", "dilation")


def _windows_apart(fields: Sights, op: Op, sight: Sight) -> Sight:
    axis, width, step = op.args["dimension"] % op.input.ndim, op.args["size"], op.args["step"]
    count = op.output.shape[axis]
    index = (np.arange(count)[:, None] * step + np.arange(width)).reshape(-1)
    sight = fields.along(sight, axis, taps.listed(op.input.shape[axis], index))
    shape = list(op.input.shape)
    flat = [*shape[:axis], count * width, *shape[axis + 1 :]]
    sight = reshaped(sight, tuple(flat), (*flat[:axis], count, width, *flat[axis + 1 :]))
    order = [place for place in range(len(flat) + 1) if place != axis + 1]
    return permuted(sight, [*order, axis + 1])


def col2im(fields: Sights, op: Op) -> Sight:
    """`F.fold`: windows listed along the last axis are added where they came from."""
    args, sight = op.args, fields.of[op.input]
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
