"""Intervals of image pixels, one for every position of a tensor, along one image axis."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import gcd
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .taps import NONE, Taps

Ints = NDArray[np.int64]

# Bounds of an interval that holds no pixel: a hull with it changes nothing.
NOTHING = 2**40


class Grid(NamedTuple):
    """Continuation of intervals beyond the border: `period` positions further they lie `advance` pixels further.

    >>> Grid(1, 4).resampled(1, 2)
    Grid(period=2, advance=4)
    """

    period: int
    advance: int

    def resampled(self, num: int, den: int) -> "Grid":
        """The grid of positions that lie num / den positions of this one apart."""
        shared = gcd(num, den)
        num, den = num // shared, den // shared
        repeat = self.period // gcd(self.period, num)
        return Grid(den * repeat, self.advance * num * repeat // self.period)

    @property
    def jump_px(self) -> float:
        """Pixels from one position to the next."""
        return self.advance / self.period


@dataclass(frozen=True, eq=False)
class PixelIntervals:
    """The first and last pixel seen by every position; equal only to itself, so that work on it can be remembered.

    Attributes
    ----------
    lo, hi : array of int
        Inclusive bounds, with one axis per tensor axis along which they vary; lo > hi where nothing is seen.
    grids : tuple of Grid
        One per axis of the arrays.
    rising : bool
        Whether there is one axis, along which neither bound ever falls, and no position sees nothing.
    """

    lo: Ints
    hi: Ints
    grids: tuple[Grid, ...]
    rising: bool = False

    @cached_property
    def size_px(self) -> int:
        """Pixels seen by the position that sees most."""
        return int((self.hi - self.lo).max(initial=-1)) + 1

    @cached_property
    def center_px(self) -> float:
        """Middle of what the first position sees that sees anything; 0 where there is no position."""
        if not self.lo.size:
            return 0.0
        first = 0 if self.rising else int(np.argmax(self.lo <= self.hi))
        return (self.lo.item(first) + self.hi.item(first)) / 2

    @cached_property
    def joined(self) -> "PixelIntervals":
        """All that any position sees, seen by the only one."""
        bounds = self.lo.min(initial=NOTHING), self.hi.max(initial=-NOTHING)  # nothing, where there is no position
        return pixel_intervals(np.asarray(bounds[0]), np.asarray(bounds[1]), ())


def identity(size: int) -> PixelIntervals:
    """Every pixel sees itself.

    >>> identity(3).lo
    array([0, 1, 2])
    """
    pixels = np.arange(size)
    return PixelIntervals(pixels, pixels, (Grid(1, 1),), rising=True)


def pixel_intervals(lo: Ints, hi: Ints, grids: Sequence[Grid | None]) -> PixelIntervals:
    """Build intervals from bare arrays; an unknown grid is read off the arrays, and so is whether they rise."""
    found = tuple(_grid_of(lo, axis) if grid is None else grid for axis, grid in enumerate(grids))
    rising = lo.ndim == 1 and bool((lo <= hi).all() and (lo[1:] >= lo[:-1]).all() and (hi[1:] >= hi[:-1]).all())
    return PixelIntervals(lo, hi, found, rising)


def _grid_of(lo: Ints, axis: int) -> Grid:
    if not lo.size:
        return Grid(1, 0)
    seen = np.moveaxis(lo, axis, 0).reshape(lo.shape[axis], -1)[:, 0]
    if len(seen) < 2 or max(abs(int(seen[0])), abs(int(seen[-1]))) > NOTHING // 2:
        return Grid(1, 0)
    steps = np.diff(seen)
    uniform = bool((steps == steps[0]).all())
    return Grid(1, int(steps[0])) if uniform else Grid(len(steps), int(seen[-1] - seen[0]))


def gather(pixels: PixelIntervals, axis: int, taps: Taps, *, continued: bool) -> PixelIntervals:
    """Return what positions see that read `taps` along one axis of the arrays.

    With `continued`, taps beyond the border see the pixels that would be there in a larger image; without, they see
    what torch reads there: nothing in zero padding, border pixels in the other padding modes.
    """
    if not pixels.lo.size:  # a detector that finds nothing
        shape = [*pixels.lo.shape[:axis], len(taps.first), *pixels.lo.shape[axis + 1 :]]
        return PixelIntervals(np.full(shape, NOTHING), np.full(shape, -NOTHING), pixels.grids)
    lo, hi = (
        (pixels.lo, pixels.hi)
        if axis == pixels.lo.ndim - 1
        else (np.moveaxis(a, axis, -1) for a in (pixels.lo, pixels.hi))
    )
    grid = pixels.grids[axis]
    if continued and pixels.rising and not taps.has_holes:
        lo, hi = _beyond(lo, taps.first, grid), _beyond(hi, taps.last, grid)
    else:
        distinct = taps.distinct  # of a long axis, a table of all that each output reads would fill the memory
        index = distinct.index if continued else distinct.real
        lo = _extreme(np.minimum, lo, index, grid, NOTHING)
        hi = _extreme(np.maximum, hi, index, grid, -NOTHING)
        if distinct is not taps:
            lo, hi = (np.repeat(bounds, len(taps.first), axis=-1) for bounds in (lo, hi))
    if axis != pixels.lo.ndim - 1:
        lo, hi = np.moveaxis(lo, -1, axis), np.moveaxis(hi, -1, axis)
    grids = (*pixels.grids[:axis], grid.resampled(*taps.step), *pixels.grids[axis + 1 :])
    return PixelIntervals(lo, hi, grids, continued and pixels.rising and taps.is_ordered and not taps.has_holes)


def _extreme(choose: np.ufunc, bounds: Ints, index: Ints, grid: Grid, nothing: int) -> Ints:
    """The least or greatest bound that each row of taps reads; `nothing` for a tap that reads none."""
    if bounds.ndim == 1 and index.shape[1] > 1:
        return choose.reduce(np.where(index == NONE, nothing, _beyond(bounds, index, grid)), axis=-1)  # type: ignore[no-any-return]
    found: Ints | None = None
    for column in index.T:  # of many positions, all taps at once would fill the memory
        seen = _beyond(bounds, column, grid)
        absent = column == NONE
        if absent.any():
            seen[..., absent] = nothing
        found = seen if found is None else choose(found, seen, out=found)
    assert found is not None  # noqa: S101 - a window has a tap
    return found


def _beyond(bounds: Ints, index: Ints, grid: Grid) -> Ints:
    """`bounds[..., index]`, also where `index` lies outside."""
    size = bounds.shape[-1]
    period, advance = grid
    if period == 1:
        base = np.minimum(np.maximum(index, 0), size - 1)
        shift = (index - base) * advance
    elif period > size:
        # Too few positions to see the pattern repeat: go on in a straight line.
        base = np.minimum(np.maximum(index, 0), size - 1)
        shift = (index - base) * advance // period
    else:
        base = _alike(index, size, period)
        shift = (index - base) // period * advance
    moved: Ints = bounds.take(base, axis=-1)
    if shift.any():
        moved += shift
    return moved


def _alike(index: Ints, size: int, period: int) -> Ints:
    """The nearest positions inside that lie a whole number of periods away."""
    before, after = index % period, size - period + (index - size) % period
    return np.where(index < 0, before, np.where(index >= size, after, index))


def hull(one: PixelIntervals, other: PixelIntervals) -> PixelIntervals:
    """The smallest intervals that hold those of both; the arrays may broadcast."""
    lo, hi = np.minimum(one.lo, other.lo), np.maximum(one.hi, other.hi)
    grids = tuple(_common(a, b) for a, b in zip(one.grids, other.grids, strict=True))
    return PixelIntervals(lo, hi, grids, one.rising and other.rising)


def hidden(pixels: PixelIntervals, mask: NDArray[np.bool_]) -> PixelIntervals:
    """Nothing seen where the mask, which may broadcast, is set."""
    return PixelIntervals(np.where(mask, NOTHING, pixels.lo), np.where(mask, -NOTHING, pixels.hi), pixels.grids)


def _common(one: Grid, other: Grid) -> Grid:
    if one.advance * other.period != other.advance * one.period:
        return max(one, other, key=lambda grid: abs(grid.jump_px))
    times = other.period // gcd(one.period, other.period)
    return Grid(one.period * times, one.advance * times)


def spread(pixels: PixelIntervals, places: tuple[int, ...], ndim: int) -> PixelIntervals:
    """The same intervals with arrays of `ndim` axes, of size 1 where they do not vary."""
    index = tuple([slice(None) if place in places else None for place in range(ndim)])
    known = dict(zip(places, pixels.grids, strict=True))
    grids = tuple([known.get(place, Grid(1, 0)) for place in range(ndim)])
    # What every position sees alike never falls.
    rising = ndim == 1 and not places and bool(pixels.lo <= pixels.hi)
    return PixelIntervals(pixels.lo[index], pixels.hi[index], grids, rising)


def reduced(pixels: PixelIntervals, axes: tuple[int, ...]) -> PixelIntervals:
    """The hull along some axes of the arrays, which vanish.

    >>> reduced(identity(5), (0,)).hi
    array(4)
    """
    if len(axes) == pixels.lo.ndim:
        return pixels.joined
    grids = tuple(grid for axis, grid in enumerate(pixels.grids) if axis not in axes)
    lo, hi = np.asarray(pixels.lo.min(axes, initial=NOTHING)), np.asarray(pixels.hi.max(axes, initial=-NOTHING))
    return pixel_intervals(lo, hi, grids)
