"""Pooling by its definition: NumPy, one loop a channel and a window, nothing clever."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

Reduce = Callable[[np.ndarray, int, int], float]


@dataclass(frozen=True, kw_only=True)
class Pool:
    """A window of (height, width) pairs, as torch's pooling layers take it."""

    kernel_size: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int] = (0, 0)
    dilation: tuple[int, int] = (1, 1)
    ceil_mode: bool = False

    def starts(self, axis: int, size: int) -> list[int]:
        """First tap of every window along an axis, in coordinates of the unpadded map.

        Without ceil_mode a window must end inside the padded map. With it one more may reach beyond: if the
        place a stride before it, window or not, leaves something uncovered, and it starts before the map ends.
        """
        stride, padding = self.stride[axis], self.padding[axis]
        taps = self.dilation[axis] * (self.kernel_size[axis] - 1) + 1
        found, start = [], -padding
        while start + taps <= size + padding:
            found.append(start)
            start += stride
        if self.ceil_mode and start - stride + taps < size + padding and start < size:
            found.append(start)
        return found

    def windows(self, plane: np.ndarray) -> Iterator[tuple[int, int, np.ndarray, int, int]]:
        """Row, column, values inside the map, elements counted without and with padding, for each window."""
        height, width = plane.shape
        for row, top in enumerate(self.starts(0, height)):
            for column, left in enumerate(self.starts(1, width)):
                inside, padded = [], 0
                for i in range(self.kernel_size[0]):
                    for j in range(self.kernel_size[1]):
                        y, x = top + i * self.dilation[0], left + j * self.dilation[1]
                        if 0 <= y < height and 0 <= x < width:
                            inside.append(plane[y, x])
                        # torch counts zeros of the padding, but nothing that ceil_mode adds beyond it.
                        padded += y < height + self.padding[0] and x < width + self.padding[1]
                yield row, column, np.array(inside), len(inside), padded

    def output_shape(self, plane: np.ndarray) -> tuple[int, int]:
        return len(self.starts(0, plane.shape[0])), len(self.starts(1, plane.shape[1]))


def pool(x: np.ndarray, window: Pool, reduce: Reduce) -> np.ndarray:
    """`reduce(values, how many, how many with padding)` of every window of every channel of (N, C, H, W)."""
    result = np.zeros((*x.shape[:2], *window.output_shape(x[0, 0])))
    for sample in range(x.shape[0]):
        for channel in range(x.shape[1]):
            for row, column, values, count, padded in window.windows(x[sample, channel]):
                result[sample, channel, row, column] = reduce(values, count, padded)
    return result


def max_pool(x: np.ndarray, window: Pool) -> np.ndarray:
    # Dilated taps can step over the whole of a small map: the maximum of nothing.
    return pool(x, window, lambda values, _count, _padded: max(values, default=-np.inf))


def average_pool(x: np.ndarray, window: Pool, *, count_include_pad: bool = True) -> np.ndarray:
    return pool(x, window, lambda values, count, padded: sum(values) / (padded if count_include_pad else count))


def mixed_pool(x: np.ndarray, window: Pool, mix: float) -> np.ndarray:
    return mix * max_pool(x, window) + (1 - mix) * average_pool(x, window)


def lp_mean_pool(x: np.ndarray, window: Pool, p: float) -> np.ndarray:
    return pool(x, window, lambda values, _count, padded: (sum(abs(v) ** p for v in values) / padded) ** (1 / p))


def stochastic_expectation(x: np.ndarray, window: Pool) -> np.ndarray:
    """The probability of a value is its share of the sum of the positive values."""

    def expectation(values: np.ndarray, _count: int, _padded: int) -> float:
        positive = [value for value in values if value > 0]
        return sum(value * value / sum(positive) for value in positive)

    return pool(x, window, expectation)
