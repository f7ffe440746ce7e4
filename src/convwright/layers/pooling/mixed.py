"""Mixed max-average pooling."""

import math
from typing import Literal

import torch
from torch import Tensor, nn

from ...errors import ConvwrightError, require_at_least, require_choice
from ..brick import Pooling
from ._window import Pair, WindowPool2d


class MixedPool2d(WindowPool2d):
    """mix * max + (1 - mix) * average, with `mix` fixed or learned.

    A learned mix is kept between 0 and 1 by a sigmoid, one for the layer or one for each channel.

    Shape: (N, C, H, W) -> (N, C, H', W').
    Source: Lee et al. 2016, "Generalizing pooling functions in convolutional neural networks", section 3.1.

    Parameters
    ----------
    mix : float
        The weight of the maximum: its fixed value, or where learning starts.
    learned : {"layer", "channel"}, optional
        Scope of a learned mix; fixed when left out.
    channels : int, optional
        How many, for `learned="channel"`.

    Raises
    ------
    ConvwrightError
        For a mix outside 0..1 (a learned one must start strictly inside), or channels left out.

    Examples
    --------
    >>> MixedPool2d(2, mix=0.25)(torch.tensor([[[[0.0, 0.0], [0.0, 4.0]]]])).item()
    1.75
    """

    def __init__(
        self,
        kernel_size: Pair,
        stride: Pair | None = None,
        padding: Pair = 0,
        ceil_mode: bool = False,
        *,
        mix: float = 0.5,
        learned: Literal["layer", "channel"] | None = None,
        channels: int | None = None,
    ) -> None:
        super().__init__(kernel_size, stride, padding, ceil_mode)
        if not 0 <= mix <= 1 or (learned and mix in (0, 1)):
            raise ConvwrightError("mix", expected="0..1, and strictly inside where it is learned", got=str(mix))
        self.start, self.learned = mix, learned
        if learned is None:
            return
        require_choice("learned", learned, ("layer", "channel"))
        if learned == "channel":
            if channels is None:
                raise ConvwrightError("learned='channel' without channels", hint="say how many: channels=64")
            require_at_least("channels", channels, 1)
            self.channels = channels
        self.logit = nn.Parameter(torch.empty((self.channels, 1, 1) if self.channels else ()))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Put a learned mix back to where it started."""
        if self.learned:
            nn.init.constant_(self.logit, math.log(self.start / (1 - self.start)))

    @property
    def mix(self) -> Tensor | float:
        """The weight of the maximum now."""
        return torch.sigmoid(self.logit) if self.learned else self.start

    def pool(self, x: Tensor) -> Tensor:
        """Mix the maximum and the average of every window."""
        self.check_channels(x)
        average = self.average(x)
        return average + self.mix * (self.maximum(x) - average)


BRICK = Pooling(
    layer=MixedPool2d,
    examples={
        "fixed": lambda: MixedPool2d(2, mix=0.3),
        "learned for the layer": lambda: MixedPool2d(3, 2, 1, learned="layer"),
        "learned for each channel": lambda: MixedPool2d((2, 3), mix=0.7, learned="channel", channels=8),
    },
    formula="mix max(x) + (1 - mix) mean(x)",
    best_for="letting the data choose between presence and average, for one parameter",
    downside="twice the pooling work",
    halve=lambda ceil_mode: MixedPool2d(2, ceil_mode=ceil_mode, learned="layer"),
)
