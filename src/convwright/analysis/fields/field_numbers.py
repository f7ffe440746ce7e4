"""Numbers read off a field: jumps, centers, the interval of one position, and how far branches are apart."""

from collections.abc import Sequence

import numpy as np

from convwright.errors import ConvwrightError
from convwright.graph import Op, Tensor

from .field_pass import AxisInterval, TensorField, is_map
from .intervals import Ints
from .records import OpField


def _jump(interval: AxisInterval, field: TensorField) -> float | None:
    """Pixels between neighbouring positions, whole where they are; None without a tensor axis of its own."""
    if len(interval.dims) != 1 or sum(other.dims == interval.dims for other in field) > 1:
        return None
    grid = interval.pixels.grids[0]
    return grid.advance // grid.period if grid.advance % grid.period == 0 else grid.jump_px


def op_field(local: TensorField, full: TensorField) -> OpField:
    """Summarize the local and the full field of a tensor."""
    # A map that consists of gates only sees nothing locally; then its full field is what there is to say.
    shown = tuple([near if near.pixels.size_px else far for near, far in zip(local, full, strict=True)])
    sizes = tuple([interval.pixels.size_px for interval in shown])
    # What a gate adds does not grow beyond the border, so the local field may reach further there.
    wide = sizes if full is local else tuple(map(max, sizes, [interval.pixels.size_px for interval in full]))
    return OpField(
        receptive_field_px=sizes,
        full_receptive_field_px=wide,
        jump_px=tuple([_jump(interval, shown) for interval in shown]),
        center_px=tuple([interval.pixels.center_px for interval in shown]),
    )


def has_window(op: Op) -> bool:
    """Return True if an op is a convolution or a pool with a window larger than one position."""
    size = op.args.get("kernel_size")
    if size is None or not ("conv" in op.kind or "pool" in op.kind):
        return False
    return size > 1 if isinstance(size, int) else max(size, default=1) > 1


def index_of(tensor: Tensor, field: TensorField, position: tuple[int, ...] | None) -> tuple[int, ...]:
    """An index into `tensor` from a position per image axis, or from an index; the middle by default."""
    if position is None:
        return tuple(size // 2 for size in tensor.shape)
    if len(position) == len(field) and all(len(interval.dims) < 2 for interval in field):
        index = [0] * tensor.ndim
        for interval, place in zip(field, position, strict=True):
            for dim in interval.dims:
                index[dim] = place
    else:
        index = list(position)
    inside = len(index) == tensor.ndim and all(-n <= i < n for i, n in zip(index, tensor.shape, strict=True))
    if not inside:
        sizes = tuple(tensor.shape[interval.dims[0]] for interval in field) if is_map(field) else tensor.shape
        raise ConvwrightError(f"position {position}", expected=f"one inside {sizes}", got=str(position))
    return tuple(index)


def at(interval: AxisInterval, index: tuple[int, ...]) -> tuple[int, int]:
    """The interval of one position."""
    place = tuple(index[dim] for dim in interval.dims)
    return int(interval.pixels.lo[place]), int(interval.pixels.hi[place])


def bounds_of(interval: AxisInterval, shape: tuple[int, ...]) -> tuple[Ints, Ints]:
    """The intervals as arrays with the axes of a tensor, of size 1 where they do not vary."""
    wide = [size if dim in interval.dims else 1 for dim, size in enumerate(shape)]
    return interval.pixels.lo.reshape(wide), interval.pixels.hi.reshape(wide)


def offsets(maps: Sequence[TensorField]) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
    """Per image axis the largest distance of two branches' centers, and that of their means; None where all is 0."""
    worst, mean = [0.0] * len(maps[0]), [0.0] * len(maps[0])
    for axis, aligned in enumerate(zip(*maps, strict=True)):
        several = dict.fromkeys(interval.pixels for interval in aligned)
        if len(several) < 2 or len({interval.pixels.lo.shape for interval in aligned}) > 1:
            continue
        if any(bool((pixels.lo > pixels.hi).any()) for pixels in several):
            continue
        centers = np.stack([pixels.lo + pixels.hi for pixels in several]) / 2
        worst[axis] = float(np.ptp(centers, axis=0).max())
        mean[axis] = float(np.ptp(centers.mean(1)))
    return (tuple(worst), tuple(mean)) if max(worst) > 0 else None
