import pytest
import torch
from torch import nn

from convwright.graph import trace
from convwright.linter.value_signs import may_be_negative


class Through(nn.Module):
    """A function as a module."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


def is_signed(function):
    graph = trace(Through(function), (1, 4, 8, 8))
    return may_be_negative(graph, graph.outputs[""])


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x.relu() * 2,
        lambda x: x**2,
        lambda x: nn.functional.hardtanh(x, 0, 6),
        lambda x: nn.functional.pad(x.abs(), (1, 1)),
        lambda x: torch.cat([x.relu(), x.sigmoid()]).mean((2, 3)),
    ],
)
def test_what_stays_above_zero(function):
    assert not is_signed(function)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x * x.relu(),
        lambda x: x.relu() * -1,
        lambda x: x**3,
        nn.functional.hardtanh,
        lambda x: nn.functional.pad(x.abs(), (1, 1), value=-1),
        lambda x: torch.cat([x.relu(), x]),
        lambda x: torch.add(x.relu(), x.relu(), alpha=-1),
        lambda x: nn.functional.max_pool2d(x, 2),
    ],
)
def test_what_may_fall_below(function):
    assert is_signed(function)
