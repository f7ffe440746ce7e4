"""Max pooling: torch's own layer, tested against the definition, with an error that names the map."""

from torch import Tensor, nn

from ..brick import Pooling
from ._window import output_size


class MaxPool2d(nn.MaxPool2d):
    """The largest value of every window; padding never wins.

    Shape: (N, C, H, W) -> (N, C, H', W') with H' from `geometry.output_size`.
    Source: Riesenhuber & Poggio 1999, "Hierarchical models of object recognition in cortex".

    Raises
    ------
    ConvwrightError
        When the window is larger than the map.

    Examples
    --------
    >>> import torch
    >>> MaxPool2d(2)(torch.tensor([[[[0.0, 0.0], [0.0, 4.0]]]])).item()
    4.0
    """

    def forward(self, x: Tensor) -> Tensor:  # torch names it `input`, a builtin
        """Pool `x`."""
        output_size(x, self.kernel_size, self.stride, self.padding, self.dilation, ceil_mode=self.ceil_mode)
        return super().forward(x)  # type: ignore[no-any-return]


BRICK = Pooling(
    layer=MaxPool2d,
    examples={"halves": lambda: MaxPool2d(2), "overlapping": lambda: MaxPool2d(3, stride=2, padding=1)},
    formula="max(x)",
    best_for="presence of a feature: classification, sharp activations",
    downside="gradient reaches one element a window; aliases under small shifts",
    halve=lambda ceil_mode: MaxPool2d(2, ceil_mode=ceil_mode),
)
