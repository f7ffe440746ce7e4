"""Positions that `interpolate` reads, mode by mode, as torch computes them."""

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache

import numpy as np
import torch
import torch.nn.functional as F

from .taps import Ints, Taps, adaptive


@lru_cache(maxsize=256)
def resized(
    size: int,
    outputs: int,
    mode: str,
    align_corners: bool,
    scale_factor: float | None,
    antialias: bool,
    axes: int = 2,
    dtype: torch.dtype = torch.float32,
) -> Taps:
    """The taps of one axis resized from `size` to `outputs` positions.

    A tap counts although its weight may be zero at some positions: torch reads it.

    Parameters
    ----------
    scale_factor : float or None
        The factor torch was given and keeps using, where it is not recomputed from the sizes.
    axes : int
        Number of axes that are resized.
    dtype : torch.dtype
        Of the map.

    Examples
    --------
    >>> taps = resized(4, 8, "bilinear", False, None, False)
    >>> taps.first[:4], taps.last[:4]
    (array([-1,  0,  0,  1]), array([0, 1, 1, 2]))
    """
    if mode == "area":
        return adaptive(size, outputs)
    output = np.arange(outputs)
    if size == outputs and (antialias or mode.endswith("linear")):
        return Taps(first=output, last=output, size=size)
    num, den = _ratio(size, outputs, scale_factor, align_corners=align_corners)
    if mode.startswith("nearest"):
        first = _nearest(size, outputs, mode, scale_factor, axes, dtype)
        return Taps(first=first, last=first, size=size, edge="replicate", step=(num, den))
    if antialias:
        first, last = _antialiased(output, num, den, mode)
    else:
        first, last = _MODES[mode](output, num, den, align_corners)
    # Linear modes move a sample left of the border onto it, and then read the pixel after it too.
    read = (first.clip(0), first.clip(0) + 1) if mode.endswith("linear") and not antialias else None
    return Taps(first=first, last=last, size=size, edge="replicate", step=(num or size, den), read=read)


def _nearest(size: int, outputs: int, mode: str, factor: float | None, axes: int, dtype: torch.dtype) -> Ints:
    """The position that each output copies, read off torch: how it rounds depends on the dtype and the axes."""
    wide = torch.float64 if dtype == torch.float64 else torch.float32
    positions = torch.arange(size, dtype=wide, device="cpu").reshape(1, 1, size, *[1] * (axes - 1))
    if factor is None:
        copied = F.interpolate(positions, size=(outputs, *[1] * (axes - 1)), mode=mode)
    else:
        copied = F.interpolate(positions, scale_factor=(factor, *[1.0] * (axes - 1)), mode=mode)
    return copied.flatten().long().numpy()


def _ratio(size: int, outputs: int, scale_factor: float | None, *, align_corners: bool) -> tuple[int, int]:
    """Input positions an output position, exact where a sample falls on a pixel, as torch's floats mostly are."""
    if align_corners:
        return (size - 1, outputs - 1) if outputs > 1 else (0, 1)
    if scale_factor:
        factor = Fraction(scale_factor).limit_denominator(10_000)
        return factor.denominator, factor.numerator
    return size, outputs


def _linear(output: Ints, num: int, den: int, align_corners: bool) -> tuple[Ints, Ints]:
    left = output * num // den if align_corners else ((2 * output + 1) * num - den) // (2 * den)
    return left, left + 1


def _cubic(output: Ints, num: int, den: int, align_corners: bool) -> tuple[Ints, Ints]:
    left, right = _linear(output, num, den, align_corners)
    return left - 1, right + 1


def _antialiased(output: Ints, num: int, den: int, mode: str) -> tuple[Ints, Ints]:
    ratio = num / den
    interval = (2 if mode == "bicubic" else 1) * max(ratio, 1)
    center = ratio * (output + 0.5)
    first = np.floor(center - interval + 0.5).astype(np.int64)
    last = np.floor(center + interval + 0.5).astype(np.int64) - 1
    return first, np.maximum(first, last)


_MODES: dict[str, Callable[[Ints, int, int, bool], tuple[Ints, Ints]]] = {
    "linear": _linear,
    "bilinear": _linear,
    "trilinear": _linear,
    "bicubic": _cubic,
}
