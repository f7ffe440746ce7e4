"""Squeeze-and-excitation: channels weighted by what the whole map holds."""

from torch import Tensor, nn

from ..errors import require_at_least
from .activation import activation
from .brick import Brick


class SqueezeExcite(nn.Module):
    """x * gate(fc2(act(fc1(mean of x)))), one weight a channel.

    Shape: (N, C, H, W) -> (N, C, H, W).
    Source: Hu et al. 2018, "Squeeze-and-excitation networks", section 3.

    Parameters
    ----------
    squeeze_channels : int
        Width of the bottleneck between the two 1x1 convolutions.
    act, gate : str
        Names of `activation.ACTIVATIONS`: "sigmoid" in the paper, "hardsigmoid" in MobileNetV3.

    Examples
    --------
    >>> sum(p.numel() for p in SqueezeExcite(64, 4).parameters())  # 2 * 64 * 4 weights, 4 + 64 biases
    580
    """

    def __init__(self, channels: int, squeeze_channels: int, *, act: str = "relu", gate: str = "sigmoid") -> None:
        super().__init__()
        require_at_least("channels", channels, 1)
        require_at_least("squeeze_channels", squeeze_channels, 1)
        self.fc1 = nn.Conv2d(channels, squeeze_channels, 1)
        self.act = activation(act)
        self.fc2 = nn.Conv2d(squeeze_channels, channels, 1)
        self.gate = activation(gate)

    def forward(self, x: Tensor) -> Tensor:
        """Weight the channels of `x`."""
        squeezed = x.mean((-2, -1), keepdim=True)
        weights: Tensor = self.gate(self.fc2(self.act(self.fc1(squeezed))))
        return x * weights


BRICK = Brick(
    layer=SqueezeExcite,
    examples={
        "sigmoid gate": lambda: SqueezeExcite(8, 2),
        "hard gate": lambda: SqueezeExcite(8, 4, gate="hardsigmoid"),
    },
)
