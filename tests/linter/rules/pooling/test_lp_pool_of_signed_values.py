import pytest
import torch
from torch import nn

from convwright.layers.pooling.lp import LpPool2d
from convwright.linter import lint


def signed(*layers):
    return [f for f in lint(nn.Sequential(*layers), (2, 3, 16, 16)).findings if f.code == "CW703"]


class Through(nn.Module):
    """A function as a module."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x.relu().mul(2),
        lambda x: torch.cat([x.sigmoid(), x.abs()], dim=1),
        lambda x: nn.functional.pad(nn.functional.max_pool2d(x.relu(), 2), (1, 1)),
        lambda x: x.clamp(min=0) + x.square(),
        lambda x: nn.functional.dropout(x.exp(), training=False),
    ],
)
def test_rectified_values_pass(function):
    assert not signed(Through(function), nn.LPPool2d(3, 2))


@pytest.mark.parametrize("function", [lambda x: x.relu() - 1, lambda x: x.relu().mul(-1), nn.functional.leaky_relu])
def test_values_that_are_moved_below_zero_do_not(function):
    assert signed(Through(function), nn.LPPool2d(3, 2))


def test_even_powers_and_sums_pass():
    assert not signed(nn.LPPool2d(2, 2))
    assert not signed(nn.LPPool2d(1, 2))


def test_a_pool_of_magnitudes_passes():
    assert not signed(LpPool2d(2, p=3))


def test_a_power_below_zero_fails_on_rectified_values_too():
    (finding,) = signed(nn.ReLU(), nn.LPPool2d(-1, 2))
    assert "power -1" in finding.message
