"""Blur pooling: a low-pass filter before subsampling."""

from math import comb

import torch
import torch.nn.functional as F
from torch import Tensor

from ...errors import ConvwrightError
from ..brick import Pooling
from ._window import Pair, WindowPool2d, pair


class BlurPool2d(WindowPool2d):
    """Subsample after a binomial low-pass filter, so that a shifted input gives a shifted output.

    Borders are reflected. With the default padding a stride of 2 gives ceil(H / 2) for odd kernels.

    Shape: (N, C, H, W) -> (N, C, H', W').
    Source: Zhang 2019, "Making convolutional networks shift-invariant again", section 3.2.

    Parameters
    ----------
    kernel_size : int or pair
        Taps of the filter: 3 is (1, 2, 1) / 4, 5 is (1, 4, 6, 4, 1) / 16.
    stride : int or pair
        2 when left out.
    padding : int or pair, optional
        Reflected pixels on each side; (kernel_size - 1) // 2 when left out.

    Examples
    --------
    >>> BlurPool2d(3)(torch.ones(1, 1, 7, 7)).shape
    torch.Size([1, 1, 4, 4])
    """

    taps: Tensor

    def __init__(self, kernel_size: Pair = 3, stride: Pair = 2, padding: Pair | None = None) -> None:
        height, width = pair("kernel_size", kernel_size, 1)
        super().__init__((height, width), stride, ((height - 1) // 2, (width - 1) // 2) if padding is None else padding)
        self.register_buffer("taps", torch.empty(self.kernel_size), persistent=False)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Fill in the binomial filter."""
        rows, columns = (
            torch.tensor([comb(taps - 1, i) / 2 ** (taps - 1) for i in range(taps)], device="cpu")
            for taps in self.kernel_size
        )
        with torch.no_grad():  # an outer product on the meta device would take a second to import torch's compiler
            self.taps.copy_(torch.outer(rows, columns))

    def pool(self, x: Tensor) -> Tensor:
        """Filter each channel of `x`, at the stride's positions only."""
        (top, left), channels = self.padding, x.shape[1]
        if top >= x.shape[-2] or left >= x.shape[-1]:
            raise ConvwrightError(
                f"blur pooling with a reflected border of {max(top, left)} px",
                expected=f"a map of at least {max(top, left) + 1} px",
                got=f"{x.shape[-2]}x{x.shape[-1]}",
                hint="downsample less before it, or use padding=0",
            )
        padded = F.pad(x, (left, left, top, top), mode="reflect")
        taps = self.taps.to(x.dtype).expand(channels, 1, -1, -1)
        return F.conv2d(padded, taps, stride=self.stride, groups=channels)


BRICK = Pooling(
    layer=BlurPool2d,
    examples={"three taps": BlurPool2d, "five taps": lambda: BlurPool2d(5), "uneven": lambda: BlurPool2d((3, 5), 1)},
    formula="sum(b x), b binomial",
    best_for="stability under small shifts: no aliasing at the stride",
    downside="a depthwise convolution more; softens detail",
    halve=lambda ceil_mode: BlurPool2d(3),  # noqa: ARG005
    always_rounds_up=True,  # as a padded odd kernel does
    smallest_map_px=2,  # a single pixel has no neighbor to reflect
)
