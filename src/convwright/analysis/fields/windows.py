"""Rules of ops that slide, stretch or crop a window: convolution, pooling, padding, resizing, shuffles."""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from convwright.graph import Op
from convwright.graph.packed_weights import CONVOLUTIONS

from . import taps
from .field_pass import ReceptiveFieldPass, TensorField, moved, reduced
from .resize import resized


def convolution(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`conv1d` to `conv3d`; a weight computed from the image (dynamic convolution) joins every position."""
    args = op.args
    field = fields.by_tensor.get(op.input)
    padding = args["padding"]
    if padding == "same":
        padding = tuple(d * (k - 1) // 2 for k, d in zip(args["kernel_size"], args["dilation"], strict=True))
    if field is not None:
        window = _Window(args["kernel_size"], args["stride"], padding, args["dilation"])
        field = _slide_or_pool(fields, op, channels_mixed(field, op.input.ndim, len(padding)), window)
    return _with_weights(fields, op, field)


class _Window(NamedTuple):
    """Sizes of a window along the last axes of a tensor."""

    kernel_size: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]


def _slide(
    fields: ReceptiveFieldPass,
    op: Op,
    field: TensorField,
    window: _Window,
    read: Callable[..., taps.Taps] = taps.window,
) -> TensorField:
    for axis, read_there in _taps_of(op.input.shape, op.output.shape, window, read):
        field = fields.along(field, axis, read_there)
    return field


@lru_cache(maxsize=4096)
def _taps_of(
    before: tuple[int, ...], after: tuple[int, ...], window: _Window, read: Callable[..., taps.Taps]
) -> tuple[tuple[int, taps.Taps], ...]:
    """The axes along which positions read anything but themselves, and what they read there."""
    first = len(before) - len(window.stride)
    return tuple(
        (axis, read(before[axis], after[axis], k, s, p, d))
        for axis, (k, s, p, d) in enumerate(zip(*window, strict=True), start=first)
        if k > 1 or s > 1 or p or before[axis] != after[axis]
    )


# A 2x2 or 3x3 window that covers its map is a downsampling one on a small image, not a head.
_LARGEST_LOCAL_WINDOW = 3


def _slide_or_pool(fields: ReceptiveFieldPass, op: Op, field: TensorField, window: _Window) -> TensorField:
    """A large window over the whole map is a global pool, or a fully connected layer."""
    if min(window.kernel_size) > _LARGEST_LOCAL_WINDOW:
        axes = len(window.kernel_size)
        covers = zip(window.kernel_size, op.input.shape[-axes:], window.padding, window.dilation, strict=True)
        if all(d * (k - 1) >= n - 1 and not p for k, n, p, d in covers):
            return reduced(field, range(op.input.ndim - axes, op.input.ndim), op.input.ndim)
    return _slide(fields, op, field, window)


def _with_weights(fields: ReceptiveFieldPass, op: Op, field: TensorField | None) -> TensorField:
    first, known = op.inputs[0], fields.by_tensor
    rest = [
        reduced(known[tensor], range(tensor.ndim), tensor.ndim)
        for tensor in op.inputs
        if tensor in known and tensor is not first
    ]
    if not rest:
        if field is None:
            raise LookupError(op.kind)
        return field
    return fields.hulls(op, [field, *rest] if field is not None else rest)


def channels_mixed(field: TensorField, ndim: int, axes: int) -> TensorField:
    """The hull over the axis before the last `axes` ones, which carries an image axis only after a space-to-depth."""
    channel = ndim - axes - 1
    return reduced(field, (channel,), ndim) if any(channel in interval.dims for interval in field) else field


def transposed_convolution(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`conv_transpose1d` to `conv_transpose3d`."""
    args = op.args
    field = fields.by_tensor.get(op.input)
    if field is not None:
        window = _Window(*(args[name] for name in _Window._fields))
        field = _slide(fields, op, channels_mixed(field, op.input.ndim, len(window.stride)), window, taps.transposed)
    return _with_weights(fields, op, field)


def pooling(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """Max, average and L-p pooling."""
    return _slide_or_pool(fields, op, fields.by_tensor[op.input], _pooling_window(op))


def _pooling_window(op: Op) -> _Window:
    args, axes = op.args, int(op.kind[-2])
    sizes = args["kernel_size"], args["stride"] or args["kernel_size"], args.get("padding", 0), args.get("dilation", 1)
    return _Window(*(_per_axis(size, axes) for size in sizes))


def _per_axis(value: int | tuple[int, ...], axes: int) -> tuple[int, ...]:
    return (value,) * axes if isinstance(value, int) else tuple(value) * (axes // len(value))


def unpooling(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`max_unpool2d`: a value may land anywhere in its window."""
    return _slide(fields, op, fields.by_tensor[op.input], _pooling_window(op), taps.transposed)


def adaptive_pooling(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """Adaptive pooling: one output is a global pool, several have windows that may overlap and differ in size."""
    field = fields.by_tensor[op.input]
    before, after = op.input.shape, op.output.shape
    axes = range(op.input.ndim - int(op.kind[-2]), op.input.ndim)
    if gone := [axis for axis in axes if after[axis] == 1]:
        field = reduced(field, gone, op.input.ndim)
    for axis in axes:
        if after[axis] not in (1, before[axis]):
            field = fields.along(field, axis, taps.adaptive(before[axis], after[axis]))
    return field


_EDGES: dict[str, taps.Edge] = {
    "constant": "zeros",
    "reflect": "reflect",
    "replicate": "replicate",
    "circular": "circular",
}


def padding(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`F.pad`: an unbounded field goes on beyond the border whatever the mode; a real one reads what the mode reads."""
    amounts, field = op.args["pad"], fields.by_tensor[op.input]
    for number in range(len(amounts) // 2):
        axis = op.input.ndim - 1 - number
        before, after = amounts[2 * number : 2 * number + 2]
        if before or after:
            edge = _EDGES[op.args["mode"]]
            field = fields.along(field, axis, taps.padded(op.input.shape[axis], before, after, edge))
    return field


def resizing(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`interpolate` in all its modes."""
    args, field = op.args, fields.by_tensor[op.input]
    axes = op.input.ndim - 2
    factor = None if args.get("recompute_scale_factor") else args.get("scale_factor")
    factors = [None] * axes if factor is None else factor if isinstance(factor, list | tuple) else [factor] * axes
    before, after = op.input.shape, op.output.shape
    for axis, scale in enumerate(factors, start=2):
        mode, corners, smooth = args["mode"], bool(args.get("align_corners")), bool(args.get("antialias"))
        ways = (mode, corners, scale, smooth, axes, op.input.dtype)
        field = fields.along(field, axis, resized(before[axis], after[axis], *ways))
    return field


def grid_sample(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`grid_sample`: a position may come from anywhere, and sees what its place in the grid sees."""
    fields.unknown[op.index] = op
    parts = []
    for tensor, field in fields.image_inputs(op):
        if tensor is op.input:
            for axis in range(2, tensor.ndim):
                field = fields.along(field, axis, taps.whole(tensor.shape[axis], op.output.shape[axis]))
            parts.append(field)
        else:
            parts.append(moved(field, [0, *range(2, tensor.ndim), None]))
    return fields.union(parts)


def pixel_shuffle(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`pixel_shuffle`: channels become positions."""
    ndim, times = op.input.ndim, op.args["upscale_factor"]
    fields.note_if_apart(op)
    field = channels_mixed(fields.by_tensor[op.input], ndim, 2)
    for axis in (ndim - 2, ndim - 1):
        field = fields.along(field, axis, taps.stretched(op.input.shape[axis], times))
    return field


def pixel_unshuffle(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`pixel_unshuffle`: positions become channels, so that one position sees what a window saw."""
    times = (op.args["downscale_factor"],) * 2
    fields.apart.add(op.output)
    field = channels_mixed(fields.by_tensor[op.input], op.input.ndim, 2)
    return _slide(fields, op, field, _Window(times, times, (0, 0), (1, 1)))


RULES = {
    **dict.fromkeys(("conv1d", "conv2d", "conv3d", *CONVOLUTIONS), convolution),
    **dict.fromkeys(("conv_transpose1d", "conv_transpose2d", "conv_transpose3d"), transposed_convolution),
    **{f"{name}_pool{n}d": pooling for name in ("max", "avg", "lp") for n in (1, 2, 3)},
    **{f"adaptive_{name}_pool{n}d": adaptive_pooling for name in ("max", "avg") for n in (1, 2, 3)},
    **{f"max_unpool{n}d": unpooling for n in (1, 2, 3)},
    "pad": padding,
    "interpolate": resizing,
    "pixel_shuffle": pixel_shuffle,
    "pixel_unshuffle": pixel_unshuffle,
}
