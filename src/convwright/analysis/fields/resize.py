"""Which positions `interpolate` reads, mode by mode, as torch computes them."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from .taps import Ints, Taps, adaptive


@lru_cache(maxsize=256)
def resized(
    size: int, outputs: int, mode: str, align_corners: bool, scale_factor: float | None, antialias: bool
) -> Taps:
    """The taps of one axis resized from `size` to `outputs` positions.

    A tap counts although its weight may be zero at some positions: torch reads it.

    Parameters
    ----------
    scale_factor : float or None
        The factor torch was given and keeps using, where it is not recomputed from the sizes.

    Examples
    --------
    >>> taps = resized(4, 8, "bilinear", False, None, False)
    >>> taps.first[:4], taps.last[:4]
    (array([-1,  0,  0,  1]), array([0, 1, 1, 2]))
    """
    if mode == "area":
        return adaptive(size, outputs)
    if align_corners:
        ratio, step = (size - 1) / max(outputs - 1, 1), (max(size - 1, 1), max(outputs - 1, 1))
    else:
        ratio, step = (1 / scale_factor if scale_factor else size / outputs), (size, outputs)
    if antialias:
        first, last = _antialiased(np.arange(outputs), ratio, mode, align_corners=align_corners)
    else:
        first, last = _MODES[mode](np.arange(outputs), ratio, align_corners)
    return Taps(first=first, last=last, size=size, edge="replicate", step=step)


def _nearest(output: Ints, ratio: float, align_corners: bool) -> tuple[Ints, Ints]:
    del align_corners
    index = np.floor(output * ratio).astype(np.int64)
    return index, index


def _nearest_exact(output: Ints, ratio: float, align_corners: bool) -> tuple[Ints, Ints]:
    del align_corners
    index = np.floor((output + 0.5) * ratio).astype(np.int64)
    return index, index


def _linear(output: Ints, ratio: float, align_corners: bool) -> tuple[Ints, Ints]:
    left = _left(output, ratio, align_corners)
    return left, left + 1


def _cubic(output: Ints, ratio: float, align_corners: bool) -> tuple[Ints, Ints]:
    left = _left(output, ratio, align_corners)
    return left - 1, left + 2


def _left(output: Ints, ratio: float, align_corners: bool) -> Ints:
    place = output * ratio if align_corners else (output + 0.5) * ratio - 0.5
    left: Ints = np.floor(place).astype(np.int64)
    return left


def _antialiased(output: Ints, ratio: float, mode: str, *, align_corners: bool) -> tuple[Ints, Ints]:
    reach = (2 if mode == "bicubic" else 1) * max(ratio, 1)
    center = ratio * (output if align_corners else output + 0.5) + (0.5 if align_corners else 0)
    first = np.floor(center - reach + 0.5).astype(np.int64)
    last = np.floor(center + reach + 0.5).astype(np.int64) - 1
    return first, np.maximum(first, last)


_MODES: dict[str, Callable[[Ints, float, bool], tuple[Ints, Ints]]] = {
    "nearest": _nearest,
    "nearest-exact": _nearest_exact,
    "linear": _linear,
    "bilinear": _linear,
    "trilinear": _linear,
    "bicubic": _cubic,
}
