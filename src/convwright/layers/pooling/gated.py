"""Gated max-average pooling."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...errors import require_at_least
from ..brick import Pooling
from ._window import Pair, WindowPool2d


class GatedPool2d(WindowPool2d):
    """g * max + (1 - g) * average, where g = sigmoid(w . window): the mix answers to what the window holds.

    The gating mask w starts at zero, so that every gate starts at one half.

    Shape: (N, C, H, W) -> (N, C, H', W').
    Source: Lee et al. 2016, "Generalizing pooling functions in convolutional neural networks", section 3.1.

    Parameters
    ----------
    channels : int, optional
        A mask for each of that many channels; one mask for all channels when left out.

    Examples
    --------
    >>> GatedPool2d(2)(torch.tensor([[[[0.0, 0.0], [0.0, 4.0]]]])).item()
    2.5
    """

    def __init__(
        self,
        kernel_size: Pair,
        stride: Pair | None = None,
        padding: Pair = 0,
        ceil_mode: bool = False,
        *,
        channels: int | None = None,
    ) -> None:
        super().__init__(kernel_size, stride, padding, ceil_mode)
        require_at_least("channels", 1 if channels is None else channels, 1)
        self.channels = channels
        self.weight = nn.Parameter(torch.empty(channels or 1, 1, *self.kernel_size))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Put every gate back to one half."""
        nn.init.zeros_(self.weight)

    def pool(self, x: Tensor) -> Tensor:
        """Mix the maximum and the average of every window by that window's own gate."""
        self.check_channels(x)
        channels = x.shape[1]
        mask = self.weight.expand(channels, -1, -1, -1)
        scores = F.conv2d(self.pad_to_windows(x), mask, stride=self.stride, groups=channels)
        average = self.average(x)
        return average + torch.sigmoid(scores) * (self.maximum(x) - average)


BRICK = Pooling(
    layer=GatedPool2d,
    examples={
        "one mask": lambda: GatedPool2d(2),
        "a mask for each channel": lambda: GatedPool2d(3, 2, 1, ceil_mode=True, channels=8),
    },
    formula="g max(x) + (1 - g) mean(x), g = sigmoid(w . x)",
    best_for="a mix that answers to the content of each window",
    downside="a depthwise convolution more; one mask a layer or a channel to learn",
    halve=lambda ceil_mode: GatedPool2d(2, ceil_mode=ceil_mode),
)
