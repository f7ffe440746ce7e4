"""Modules of a TorchScript file run their graphs: branches, loops, methods, functions and lists included."""

import copy
from typing import List  # noqa: UP035 - TorchScript reads no `list[...]` of a class defined here

import pytest
import torch
from torch import nn

from convwright.errors import ConvwrightError
from convwright.graph.trace import trace
from convwright.networks.torchscript.saved_graph import ScriptStep
from convwright.networks.torchscript.script_network import _structural, script_class

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit")  # deprecated, and in use


def doubled(x: torch.Tensor) -> torch.Tensor:
    return x * 2


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3, padding=1)
        self.drop = nn.Dropout(0.5)
        self.steps = 3

    def extra(self, x: torch.Tensor) -> torch.Tensor:
        return nn.functional.relu(self.conv(x))

    def forward(self, x: torch.Tensor, scale: float = 1.0) -> torch.Tensor:
        kept: List[torch.Tensor] = []  # noqa: UP006
        for _ in range(self.steps):
            x = self.extra(x)
            kept.append(x)
        if self.training:
            x = doubled(x)
        return self.drop(torch.cat(kept, 1)) * scale + x.shape[1]


@pytest.fixture(scope="module")
def pair():
    model = Block().eval()
    script = torch.jit.script(model)
    return model, script_class(script)(script)


def test_it_computes_what_the_module_computes(pair):
    model, network = pair
    x = torch.randn(1, 4, 8, 8)
    for each in (network, copy.deepcopy(network)):
        assert torch.equal(each(x, 2.0), model(x, 2.0))
    assert torch.equal(network(x, scale=3.0), model(x, 3.0))


def test_it_has_the_modules_the_weights_and_the_mode(pair):
    model, network = pair
    assert {name: type(each).__name__ for name, each in network.named_modules()} == {
        "": "Block",
        "conv": "Conv2d",
        "drop": "Dropout",
    }
    assert [name for name, _ in network.named_parameters()] == ["conv.weight", "conv.bias"]
    kinds = [op.kind for op in trace(network, [(1, 4, 8, 8), 1.0])]
    assert kinds == [op.kind for op in trace(model, [(1, 4, 8, 8), 1.0])]
    network.train()
    assert len(trace(network, [(1, 4, 8, 8), 1.0]).ops) == len(kinds) + 1
    network.eval()


def test_a_node_that_is_not_known_is_an_error():
    with pytest.raises(ConvwrightError, match="prim::fork of the TorchScript file is not known"):
        _structural(ScriptStep(kind="prim::fork", inputs=(), outputs=("x",)), [])
