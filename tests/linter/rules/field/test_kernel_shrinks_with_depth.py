import torch
from torch import nn

from convwright.linter import Settings, lint


def shrinks(net):
    return lint(net, (1, 3, 32, 32), settings=Settings(select=("CW208",))).findings


def test_pointwise_convolutions_do_not_count():
    assert not shrinks(nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(8, 8, 1), nn.Conv2d(8, 8, 3)))


def test_branches_side_by_side_pass():
    class Branches(nn.Module):
        def __init__(self):
            super().__init__()
            self.wide, self.narrow = nn.Conv2d(3, 8, 5, padding=2), nn.Conv2d(3, 8, 3, padding=1)

        def forward(self, x):
            return torch.cat([self.wide(x), self.narrow(x)], dim=1)

    assert not shrinks(Branches())
