"""Base of the pooling layers: a checked window, its average and its maximum."""

import math
from abc import ABC, abstractmethod

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ... import geometry
from ...errors import ConvwrightError, require_at_least

Pair = int | tuple[int, int]


def pair(what: str, value: Pair, minimum: int) -> tuple[int, int]:
    """`value` for both axes, each at least `minimum`."""
    both = (value, value) if isinstance(value, int) else tuple(value)
    if len(both) != 2:
        raise ConvwrightError(what, expected="an int or a pair (height, width)", got=repr(value))
    for axis in both:
        require_at_least(what, axis, minimum)
    return both[0], both[1]


class WindowPool2d(nn.Module, ABC):
    """A pooling layer over windows; subclasses say what happens inside one.

    Shape: (N, C, H, W) -> (N, C, H', W') with H' from `geometry.output_size`; padding is with zeros.
    """

    def __init__(
        self, kernel_size: Pair, stride: Pair | None = None, padding: Pair = 0, ceil_mode: bool = False
    ) -> None:
        super().__init__()
        self.kernel_size = pair("kernel_size", kernel_size, 1)
        self.stride = pair("stride", kernel_size if stride is None else stride, 1)
        self.padding = pair("padding", padding, 0)
        self.ceil_mode = ceil_mode
        self.channels: int | None = None
        for kernel, pad in zip(self.kernel_size, self.padding, strict=True):
            if 2 * pad > kernel:
                raise ConvwrightError(
                    f"padding={pad} with kernel_size={kernel}",
                    expected="padding of at most half the kernel",
                    hint="a wider padding makes windows that hold nothing but padding",
                )

    @abstractmethod
    def pool(self, x: Tensor) -> Tensor:
        """The pooled map of an input that was found large enough."""

    def forward(self, x: Tensor) -> Tensor:
        """Pool `x` of shape (N, C, H, W)."""
        self.output_size(x)
        return self.pool(x)

    def output_size(self, x: Tensor) -> tuple[int, int]:
        """Height and width after pooling `x`; `ConvwrightError` when the window is larger than the map."""
        return output_size(x, self.kernel_size, self.stride, self.padding, ceil_mode=self.ceil_mode)

    def check_channels(self, x: Tensor) -> None:
        """Raise `ConvwrightError` where a layer with weights for each channel gets another number of channels."""
        if self.channels not in (None, x.shape[1]):
            raise ConvwrightError(
                f"the input of {type(self).__name__}", expected=f"{self.channels} channels", got=str(x.shape[1])
            )

    def average(self, x: Tensor) -> Tensor:
        """The mean of every window, padding counted as zeros."""
        return F.avg_pool2d(x, self.kernel_size, self.stride, self.padding, self.ceil_mode)

    def maximum(self, x: Tensor) -> Tensor:
        """The largest value of every window, padding left out."""
        return F.max_pool2d(x, self.kernel_size, self.stride, self.padding, ceil_mode=self.ceil_mode)

    def pad_to_windows(self, x: Tensor) -> Tensor:
        """`x` with zeros around it such that whole windows cover it, `ceil_mode` included."""
        amounts = []
        for out, size, kernel, stride, pad in zip(
            self.output_size(x), x.shape[-2:], self.kernel_size, self.stride, self.padding, strict=True
        ):
            amounts.append((pad, max((out - 1) * stride + kernel - size - pad, 0)))
        (top, bottom), (left, right) = amounts
        return F.pad(x, (left, right, top, bottom))

    def windows(self, x: Tensor) -> Tensor:
        """Every window as a column: (N, C, kernel height * kernel width, H', W')."""
        columns = F.unfold(self.pad_to_windows(x), self.kernel_size, stride=self.stride)
        return columns.view(*x.shape[:2], math.prod(self.kernel_size), *self.output_size(x))

    def mean(self, windows: Tensor, x: Tensor) -> Tensor:
        """The mean of every column of `windows(x)`, over as many elements as `average` counts."""
        if not self.ceil_mode:
            return windows.mean(2)
        counts = [
            [min(i * stride + kernel, size + 2 * pad) - i * stride for i in range(out)]
            for out, size, kernel, stride, pad in zip(
                self.output_size(x), x.shape[-2:], self.kernel_size, self.stride, self.padding, strict=True
            )
        ]
        rows, columns = (torch.tensor(axis, dtype=x.dtype, device=x.device) for axis in counts)
        return windows.sum(2) / (rows[:, None] * columns)

    def extra_repr(self) -> str:
        """The window, as torch prints it."""
        text = f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"
        return text + (", ceil_mode=True" if self.ceil_mode else "")


def output_size(
    x: Tensor, kernel_size: Pair, stride: Pair, padding: Pair, dilation: Pair = 1, *, ceil_mode: bool
) -> tuple[int, int]:
    """Height and width of pooled `x`; `ConvwrightError` when the window is larger than the map."""
    window = [(size, size) if isinstance(size, int) else size for size in (kernel_size, stride, padding, dilation)]
    height, width = (
        geometry.output_size(x.shape[axis], *(both[axis] for both in window), ceil_mode=ceil_mode) for axis in (-2, -1)
    )
    return height, width


def power_mean(x: Tensor, p: Tensor | float, pool: WindowPool2d | None = None) -> Tensor:
    """(1/N sum x^p)^(1/p) of non-negative `x` over the windows of `pool`, or over the whole map.

    Values are divided by their window's largest first, so that no power overflows and no window vanishes; that
    factor cancels in the result and in its gradient. A window of zeros gives zero, with zero gradient.
    """
    windows = x.flatten(-2)[..., None, None] if pool is None else pool.windows(x)
    largest = windows.detach().amax(2)
    positive = largest > torch.finfo(x.dtype).tiny  # the inverse of a smaller number overflows
    scale = torch.where(positive, largest, torch.ones_like(largest))
    powers = (windows / scale[:, :, None]) ** p
    mean = powers.mean(2) if pool is None else pool.mean(powers, x)
    root = torch.where(positive, mean, torch.ones_like(mean)) ** (1 / p)
    return torch.where(positive, root * scale, torch.zeros_like(mean))
