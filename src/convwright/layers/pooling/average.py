"""Average pooling: torch's own layer, tested against the definition, with an error that names the map."""

from torch import Tensor, nn

from ..brick import Pooling
from ._window import output_size


class AvgPool2d(nn.AvgPool2d):
    """The mean of every window; padding counts as zeros.

    Shape: (N, C, H, W) -> (N, C, H', W') with H' from `geometry.output_size`.
    Source: LeCun et al. 1998, "Gradient-based learning applied to document recognition", section II.B (subsampling).

    Raises
    ------
    ConvwrightError
        When the window is larger than the map.

    Examples
    --------
    >>> import torch
    >>> AvgPool2d(2)(torch.tensor([[[[0.0, 0.0], [0.0, 4.0]]]])).item()
    1.0
    """

    def forward(self, x: Tensor) -> Tensor:  # torch names it `input`, a builtin
        """Pool `x`."""
        output_size(x, self.kernel_size, self.stride, self.padding, ceil_mode=self.ceil_mode)
        return super().forward(x)


BRICK = Pooling(
    layer=AvgPool2d,
    examples={"halves": lambda: AvgPool2d(2), "overlapping": lambda: AvgPool2d(3, stride=2, padding=1)},
    formula="1/N sum(x)",
    best_for="smooth maps, gradient to every element, projection shortcuts",
    downside="dilutes strong activations; never above the maximum",
    halve=lambda ceil_mode: AvgPool2d(2, ceil_mode=ceil_mode),
)
