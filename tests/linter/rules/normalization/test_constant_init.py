"""CW305 leaves the known tricks alone."""

import pytest
import torch
from torch import nn

from reference.linting import found


def constant(layer, value=0.0):
    nn.init.constant_(layer.weight, value)
    return layer


class Branch(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem, self.head = nn.Conv2d(3, 8, 1), nn.Conv2d(8, 4, 1)
        self.last = constant(nn.Conv2d(8, 8, 3, padding=1))

    def forward(self, x):
        x = self.stem(x)
        return self.head(x + self.last(x))


@pytest.mark.parametrize(
    "net",
    [
        pytest.param(Branch(), id="last of a residual branch"),
        pytest.param(nn.Sequential(nn.Conv2d(3, 8, 1), constant(nn.Conv2d(8, 4, 1))), id="last of the network"),
        pytest.param(
            nn.Sequential(constant(nn.Conv2d(3, 3, 3, groups=3), 1 / 9), nn.Conv2d(3, 8, 1)), id="depthwise box"
        ),
        pytest.param(
            nn.Sequential(constant(nn.Conv2d(3, 8, 1), 1.0).requires_grad_(False), nn.Conv2d(8, 8, 1)), id="frozen"
        ),
    ],
)
def test_tricks(net):
    assert not found("CW305", net)


def test_weights_that_cannot_be_read_are_not():
    with torch.device("meta"):
        net = nn.Sequential(constant(nn.Conv2d(3, 8, 1)), nn.ReLU(), nn.Conv2d(8, 8, 1))
    assert not found("CW305", net)


def test_a_constant_is_named():
    net = nn.Sequential(constant(nn.Conv2d(3, 8, 1), 0.5), nn.ReLU(), nn.Conv2d(8, 8, 1))
    assert found("CW305", net)[0].message.startswith("starts with all 24 weights at 0.5")


def test_weights_are_found_behind_a_wrapper():
    net = nn.Sequential(nn.DataParallel(nn.Sequential(constant(nn.Conv2d(3, 8, 1)))), nn.Conv2d(8, 8, 1))
    assert found("CW305", net)[0].path == "0.0"
