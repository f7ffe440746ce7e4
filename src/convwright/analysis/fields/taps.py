"""Taps: the input positions that each output position reads along one axis, by index arithmetic."""

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from math import gcd
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Edge = Literal["zeros", "replicate", "reflect", "circular"]

# Stands for a tap that is not there.
NONE = -(2**31)


@dataclass(frozen=True, eq=False, kw_only=True)
class Taps:
    """The taps of every output position: first, first + spacing, ... up to last.

    Attributes
    ----------
    first, last : array of int
        On an axis without borders; `NONE` where nothing is read.
    spacing : int
        Positions between neighbouring taps.
    size : int
        Positions of the input.
    edge : str
        What is read beyond the border.
    step : (int, int)
        Input positions between neighbouring outputs, as a fraction.
    read : (array, array), optional
        First and last tap really read, where `edge` does not say it all.
    """

    first: Ints
    last: Ints
    spacing: int = 1
    size: int
    edge: Edge = "zeros"
    step: tuple[int, int] = (1, 1)
    read: tuple[Ints, Ints] | None = None

    @cached_property
    def distinct(self) -> "Taps":
        """The taps of one output where all read the same, else these."""
        first, last = self.first, self.last
        if self.read or len(first) < 2 or (first != first[0]).any() or (last != last[0]).any():
            return self
        return replace(self, first=first[:1], last=last[:1])

    @cached_property
    def index(self) -> Ints:
        """Every tap, (outputs, taps); the last one repeats where there are fewer."""
        return self._every(self.first, self.last)

    def _every(self, first: Ints, last: Ints) -> Ints:
        most = int((last - first).max(initial=0)) // self.spacing + 1
        every: Ints = np.minimum(first[:, None] + self.spacing * np.arange(most), last[:, None])
        return every

    @cached_property
    def real(self) -> Ints:
        """The positions that torch reads, (outputs, taps); `NONE` for zeros in the padding."""
        size = self.size
        index = self._every(*self.read) if self.read else self.index
        if self.edge == "replicate":
            inside = index.clip(0, size - 1)
        elif self.edge == "circular":
            inside = index % size
        elif self.edge == "reflect":
            turn = 2 * max(size - 1, 1)
            inside = index % turn
            inside = np.minimum(inside, turn - inside)
        else:
            inside = np.where((index >= 0) & (index < size), index, NONE)
        return np.where(index == NONE, NONE, inside)

    @cached_property
    def has_holes(self) -> bool:
        """True if some output reads nothing."""
        return bool((self.first == NONE).any())

    @cached_property
    def is_ordered(self) -> bool:
        """True if neither the first nor the last tap ever steps back."""
        return bool((self.first[1:] >= self.first[:-1]).all() and (self.last[1:] >= self.last[:-1]).all())


@lru_cache(maxsize=1024)
def window(size: int, outputs: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> Taps:
    """A convolution or pooling window; `ceil_mode` is in the number of outputs.

    >>> taps = window(5, 3, kernel_size=3, stride=2, padding=1)
    >>> taps.first, taps.last
    (array([-1,  1,  3]), array([1, 3, 5]))
    """
    first = np.arange(outputs) * stride - padding
    return Taps(first=first, last=first + dilation * (kernel_size - 1), spacing=dilation, size=size, step=(stride, 1))


@lru_cache(maxsize=256)
def transposed(size: int, outputs: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> Taps:
    """A transposed convolution: output o reads input i through tap t where o = i * stride - padding + t * dilation.

    >>> transposed(2, 4, kernel_size=2, stride=2).first
    array([0, 0, 1, 1])
    """
    tap = np.arange(kernel_size)
    reached = np.arange(outputs)[:, None] + padding - tap * dilation
    fits = reached % stride == 0
    first = np.where(fits, reached // stride, 2**31).min(1)
    last = np.where(fits, reached // stride, NONE).max(1)
    first = np.where(last == NONE, NONE, first)
    spacing = dilation // gcd(stride, dilation)
    return Taps(first=first, last=last, spacing=spacing, size=size, step=(1, stride))


@lru_cache(maxsize=256)
def adaptive(size: int, outputs: int) -> Taps:
    """Adaptive pooling: output o covers floor(o * size / outputs) up to, not including, ceil((o + 1) * size / outputs).

    >>> adaptive(7, 3).first, adaptive(7, 3).last
    (array([0, 2, 4]), array([2, 4, 6]))
    """
    output = np.arange(outputs)
    return Taps(
        first=output * size // outputs, last=-(-(output + 1) * size // outputs) - 1, size=size, step=(size, outputs)
    )


@lru_cache(maxsize=256)
def padded(size: int, before: int, after: int, edge: Edge) -> Taps:
    """`F.pad`; negative padding crops.

    >>> padded(3, 2, 1, "reflect").real[:, 0]
    array([2, 1, 0, 1, 2, 1])
    """
    index = np.arange(-before, size + after)
    return Taps(first=index, last=index, size=size, edge=edge)


@lru_cache(maxsize=256)
def selected(size: int, start: int, stop: int, step: int) -> Taps:
    """A slice, as `range(start, stop, step)`; a flip has a negative step."""
    index = np.arange(start, stop, step)
    return Taps(first=index, last=index, size=size, step=(step, 1))


def listed(size: int, index: Ints) -> Taps:
    """Any list of positions."""
    return Taps(first=index, last=index, size=size)


@lru_cache(maxsize=256)
def whole(size: int, outputs: int) -> Taps:
    """Every output reads, or may read, every position.

    >>> whole(4, 2).first, whole(4, 2).last
    (array([0, 0]), array([3, 3]))
    """
    first = np.zeros(outputs, dtype=np.int64)
    return Taps(first=first, last=first + size - 1, size=size, step=(0, 1))


@lru_cache(maxsize=256)
def running(size: int) -> Taps:
    """Every output reads the positions up to its own, as `cumsum` does.

    >>> running(3).last
    array([0, 1, 2])
    """
    last = np.arange(size)
    return Taps(first=np.zeros_like(last), last=last, size=size)


@lru_cache(maxsize=256)
def stretched(size: int, times: int) -> Taps:
    """Every position `times` times in a row (pixel shuffle, nearest upsampling by a whole number).

    >>> stretched(2, 2).first
    array([0, 0, 1, 1])
    """
    index = np.arange(size * times) // times
    return Taps(first=index, last=index, size=size, step=(1, times))


@lru_cache(maxsize=256)
def repeated(times: int) -> Taps:
    """The only position of an axis, again and again."""
    index = np.zeros(times, dtype=np.int64)
    return Taps(first=index, last=index, size=1)
