"""Parameters: published totals, columns that add up, shared and unread ones."""

from collections.abc import Callable

import pytest
import torch
import torchvision
from torch import Tensor, nn

from convwright.analysis.parameters import count_parameters
from convwright.graph import Graph, trace

MODELS = torchvision.models.list_models(module=torchvision.models)


@pytest.mark.parametrize("name", MODELS)
def test_totals_are_torchvisions(name: str, graph_of: Callable[..., Graph]) -> None:
    # Source: `num_params` of the weights of torchvision 0.29.
    for weights in torchvision.models.get_model_weights(name):
        facts = count_parameters(graph_of(f"torchvision:{name}", weights.transforms().crop_size[0]))
        published = weights.meta["num_params"]
        if name == "googlenet":
            # Its weights come without the two auxiliary classifiers, which eval mode does not run.
            assert {path.split(".")[0] for path in facts.unused} == {"aux1", "aux2"}
            assert facts.total - facts.num_unused == published == 6_624_904
        else:
            assert facts.total == published
        assert sum(facts.per_op) + facts.num_unused == facts.total
        assert facts.per_module[""] == facts.total


class Odd(nn.Module):
    """Shares a convolution, freezes a layer, never reads one parameter and returns another."""

    def __init__(self) -> None:
        super().__init__()
        self.twice = nn.Conv2d(3, 3, 1, bias=False)
        self.again = self.twice
        self.frozen = nn.Linear(3, 2).requires_grad_(False)
        self.ignored = nn.Parameter(torch.zeros(5))
        self.returned = nn.Parameter(torch.zeros(7, dtype=torch.float64))
        self.scaled = nn.utils.parametrizations.weight_norm(nn.Linear(2, 4))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = self.again(self.twice(x)).mean((2, 3))
        return self.scaled(self.frozen(x)), self.returned


def test_shared_frozen_unused_and_returned() -> None:
    graph = trace(Odd(), (2, 3, 4, 4))
    facts = count_parameters(graph)
    scaled = 4 + 8 + 4  # magnitudes, directions, bias
    assert (facts.trainable, facts.frozen) == (9 + 5 + 7 + scaled, 8)
    assert facts.num_bytes == 4 * (9 + 5 + scaled + 8) + 8 * 7
    assert facts.unused == ("ignored",)
    assert facts.num_unused == 5
    assert [facts.per_op[op.index] for op in graph.ops if op.kind == "conv2d"] == [9, 0]
    assert sum(facts.per_op) == 9 + 8 + scaled
    assert facts.per_module["twice"] == facts.per_module["again"] == 9
    assert facts.per_module[""] == facts.total
    assert facts.to_dict()["per_module"]["frozen"] == 8


def test_a_network_without_parameters() -> None:
    facts = count_parameters(trace(nn.ReLU(), (1, 2)))
    assert (facts.total, facts.num_bytes, facts.per_op, dict(facts.per_module)) == (0, 0, (0,), {})
