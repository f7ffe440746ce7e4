import torch
from torch import nn

from reference.linting import found


class Block(nn.Module):
    def __init__(self, gamma=1.0):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(8, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8)
        self.shortcut = nn.Sequential(nn.Conv2d(8, 8, 1, bias=False), nn.BatchNorm2d(8))
        self.conv2 = nn.Conv2d(8, 8, 3, padding=1, bias=False)
        nn.init.constant_(self.norm.weight, gamma)

    def forward(self, x):
        return torch.relu(self.norm(self.conv2(self.conv(x).relu())) + self.shortcut(x))


def findings(*blocks):
    return found("CW504", nn.Sequential(nn.Conv2d(3, 8, 1), *blocks), (1, 3, 8, 8))


def test_only_the_norm_of_the_branch_counts():
    assert not findings(Block(gamma=0.0))
    (finding,) = findings(Block(), Block())
    assert finding.path == "1.norm"
    assert "2 residual branches" in finding.message


def test_a_trained_classifier_passes():
    assert not findings(Block(), Block(gamma=0.3))


def test_values_that_are_not_there_are_not_read():
    with torch.device("meta"):
        assert not findings(Block())
