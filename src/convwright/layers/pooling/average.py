"""Average pooling: torch's own layer, described for the table and tested against the definition."""

from torch import nn

from ..brick import Pooling

BRICK = Pooling(
    layer=nn.AvgPool2d,
    examples={"halves": lambda: nn.AvgPool2d(2), "overlapping": lambda: nn.AvgPool2d(3, stride=2, padding=1)},
    formula="1/N sum(x)",
    best_for="smooth maps, gradient to every element, projection shortcuts",
    downside="dilutes strong activations; never above the maximum",
    halve=lambda ceil_mode: nn.AvgPool2d(2, ceil_mode=ceil_mode),
)
