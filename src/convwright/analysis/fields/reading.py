"""Numbers read off a sight: jumps, centers, the interval of one position, and how far branches are apart."""

from collections.abc import Sequence

import numpy as np

from convwright.errors import ConvwrightError
from convwright.graph import Op, Tensor

from .intervals import Ints
from .records import OpField
from .sights import Reach, Sight, is_map


def _jump(reach: Reach, sight: Sight) -> float | None:
    """Pixels between neighbouring positions, whole where they are; None without a tensor axis of its own."""
    if len(reach.dims) != 1 or sum(other.dims == reach.dims for other in sight) > 1:
        return None
    grid = reach.span.grids[0]
    return grid.advance // grid.period if grid.advance % grid.period == 0 else grid.jump_px


def op_field(local: Sight, full: Sight) -> OpField:
    """What there is to say of a tensor with these sights."""
    # A map that consists of gates only sees nothing locally; then its full field is what there is to say.
    shown = tuple([near if near.span.size_px else far for near, far in zip(local, full, strict=True)])
    sizes = tuple([reach.span.size_px for reach in shown])
    # What a gate adds does not grow beyond the border, so the local field may reach further there.
    wide = sizes if full is local else tuple(map(max, sizes, [reach.span.size_px for reach in full]))
    return OpField(
        receptive_field_px=sizes,
        full_receptive_field_px=wide,
        jump_px=tuple([_jump(reach, shown) for reach in shown]),
        center_px=tuple([reach.span.center_px for reach in shown]),
    )


def has_window(op: Op) -> bool:
    """Whether an op is a convolution or a pool with a window larger than one position."""
    size = op.args.get("kernel_size")
    if size is None or not ("conv" in op.kind or "pool" in op.kind):
        return False
    return size > 1 if isinstance(size, int) else max(size, default=1) > 1


def index_of(tensor: Tensor, sight: Sight, position: tuple[int, ...] | None) -> tuple[int, ...]:
    """An index into `tensor` from a position per image axis, or from an index; the middle by default."""
    if position is None:
        return tuple(size // 2 for size in tensor.shape)
    if len(position) == len(sight) and all(len(reach.dims) < 2 for reach in sight):
        index = [0] * tensor.ndim
        for reach, place in zip(sight, position, strict=True):
            for dim in reach.dims:
                index[dim] = place
    else:
        index = list(position)
    inside = len(index) == tensor.ndim and all(-n <= i < n for i, n in zip(index, tensor.shape, strict=True))
    if not inside:
        sizes = tuple(tensor.shape[reach.dims[0]] for reach in sight) if is_map(sight) else tensor.shape
        raise ConvwrightError(f"position {position}", expected=f"one inside {sizes}", got=str(position))
    return tuple(index)


def at(reach: Reach, index: tuple[int, ...]) -> tuple[int, int]:
    """The interval of one position."""
    place = tuple(index[dim] for dim in reach.dims)
    return int(reach.span.lo[place]), int(reach.span.hi[place])


def bounds_of(reach: Reach, shape: tuple[int, ...]) -> tuple[Ints, Ints]:
    """The intervals as arrays with the axes of a tensor, of size 1 where they do not vary."""
    wide = [size if dim in reach.dims else 1 for dim, size in enumerate(shape)]
    return reach.span.lo.reshape(wide), reach.span.hi.reshape(wide)


def offsets(maps: Sequence[Sight]) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
    """Per image axis the largest distance of two branches' centers, and that of their means; None where all is 0."""
    worst, mean = [0.0] * len(maps[0]), [0.0] * len(maps[0])
    for axis, reaches in enumerate(zip(*maps, strict=True)):
        spans = dict.fromkeys(reach.span for reach in reaches)
        if len(spans) < 2 or len({reach.span.lo.shape for reach in reaches}) > 1:
            continue
        if any(bool((span.lo > span.hi).any()) for span in spans):
            continue
        centers = np.stack([span.lo + span.hi for span in spans]) / 2
        worst[axis] = float(np.ptp(centers, axis=0).max())
        mean[axis] = float(np.ptp(centers.mean(1)))
    return (tuple(worst), tuple(mean)) if max(worst) > 0 else None
