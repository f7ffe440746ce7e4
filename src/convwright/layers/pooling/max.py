"""Max pooling: torch's own layer, described for the table and tested against the definition."""

from torch import nn

from ..brick import Pooling

BRICK = Pooling(
    layer=nn.MaxPool2d,
    examples={"halves": lambda: nn.MaxPool2d(2), "overlapping": lambda: nn.MaxPool2d(3, stride=2, padding=1)},
    formula="max(x)",
    best_for="presence of a feature: classification, sharp activations",
    downside="gradient reaches one element a window; aliases under small shifts",
    halve=lambda ceil_mode: nn.MaxPool2d(2, ceil_mode=ceil_mode),
)
