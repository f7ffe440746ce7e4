"""A module with a docstring."""
# networks: Net
# left out:
from __future__ import annotations

from torch import nn


class Net(nn.Sequential):
    def __init__(self, other: NotDefined = None):
        super().__init__(nn.Conv2d(3, 4, 3))
