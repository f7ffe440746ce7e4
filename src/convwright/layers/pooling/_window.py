"""What pooling layers share: a checked window, its average and its maximum."""

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
        height, width = (
            geometry.output_size(size, kernel, stride, pad, ceil_mode=self.ceil_mode)
            for size, kernel, stride, pad in zip(x.shape[-2:], self.kernel_size, self.stride, self.padding, strict=True)
        )
        return height, width

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
        """Every window as a row: (N, C, H', W', kernel height * kernel width)."""
        height, width = self.output_size(x)
        padded = self.pad_to_windows(x)
        views = padded.unfold(2, self.kernel_size[0], self.stride[0]).unfold(3, self.kernel_size[1], self.stride[1])
        return views[:, :, :height, :width].flatten(-2)

    def extra_repr(self) -> str:
        """The window, as torch prints it."""
        text = f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"
        return text + (", ceil_mode=True" if self.ceil_mode else "")


def power_mean(x: Tensor, p: Tensor | float, pool: WindowPool2d | None = None) -> Tensor:
    """(1/N sum x^p)^(1/p) of non-negative `x` over the windows of `pool`, or over the whole map.

    Values are divided by their map's largest first, so that no power overflows; that factor cancels in the
    result and in its gradient. A window of zeros gives zero, with zero gradient.
    """
    largest = x.detach().amax((-2, -1), keepdim=True)
    scale = torch.where(largest > 0, largest, torch.ones_like(largest))
    powers = (x / scale) ** p
    mean = powers.mean((-2, -1), keepdim=True) if pool is None else pool.average(powers)
    positive = mean > torch.finfo(mean.dtype).tiny
    root = torch.where(positive, mean, torch.ones_like(mean)) ** (1 / p)
    return torch.where(positive, root * scale, torch.zeros_like(mean))
