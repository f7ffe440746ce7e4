"""Lazy layers are initialized as one batch would, and the user's own model stays uninitialized."""

import pytest
import torch
from torch import nn

from convwright.analysis.analyze import analyze
from convwright.errors import ConvwrightError
from convwright.graph import trace


def lazy_net() -> nn.Sequential:
    return nn.Sequential(
        nn.LazyConv2d(8, 3), nn.LazyBatchNorm2d(), nn.ReLU(), nn.Conv2d(8, 4, 1), nn.Flatten(), nn.LazyLinear(10)
    )


@pytest.mark.parametrize("training", [True, False])
def test_facts_are_those_of_the_initialized_model(training: bool) -> None:
    net = lazy_net().train(training)
    state = torch.get_rng_state()
    found = analyze(net, (2, 3, 8, 8))
    assert torch.equal(torch.get_rng_state(), state)
    assert all(nn.parameter.is_lazy(net[place].weight) for place in (0, 1, 5))
    assert [type(layer).__name__ for layer in net][:2] == ["LazyConv2d", "LazyBatchNorm2d"]
    ready = lazy_net().train(training)
    ready(torch.rand(2, 3, 8, 8))
    same = analyze(ready, (2, 3, 8, 8))
    assert found.totals == same.totals
    assert [op.kind for op in found.graph] == [op.kind for op in same.graph]
    assert found.totals.parameters == sum(weight.numel() for weight in ready.parameters())
    assert found.totals.macs == 2 * (36 * 8 * 27 + 36 * 4 * 8 + 10 * 144)


def test_a_lazy_model_that_needs_numbers_runs_on_the_cpu() -> None:
    class Chooses(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = nn.LazyLinear(4)

        def forward(self, x):
            y = self.inner(x)
            return y.relu() if y.mean() > -9 else y

    net = Chooses()
    graph = trace(net, (3, 5))
    assert [op.kind for op in graph.ops] == ["linear", "mean", "gt", "relu"]
    assert graph.parameters["inner.weight"].shape == (4, 5)
    assert nn.parameter.is_lazy(net.inner.weight)
    with pytest.raises(ConvwrightError, match=r"lazy layers cannot be initialized.*run one batch first"):
        trace(net, (3, 5), values=False)


def test_a_shape_that_does_not_fit_is_an_error() -> None:
    with pytest.raises(ConvwrightError, match=r"lazy layers cannot be initialized: .*3D"):
        trace(nn.Sequential(nn.LazyConv2d(3, 3)), (8, 8))
