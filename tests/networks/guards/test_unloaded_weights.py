"""What is done with weights before they are loaded can be done with what stands in for them."""

import copy
from collections import OrderedDict

import pytest
import torch
from torch import nn

from convwright.errors import ConvwrightError
from convwright.networks.guards.unloaded_weights import UnloadedWeights


def test_weights_are_renamed_filtered_and_converted():
    weights = UnloadedWeights("net.pth")["model"]
    assert {key.removeprefix("module."): value for key, value in weights.items() if "fc" not in key} == {}
    del weights["fc.weight"]
    assert isinstance(weights.pop("fc.bias"), UnloadedWeights)
    assert weights.pop("fc.bias", None) is None
    weights["conv.weight"] = weights["stem.weight"].sum(1, keepdim=True) / 3
    assert list(weights) == ["conv.weight"]
    assert OrderedDict(UnloadedWeights("net.pth")) == copy.deepcopy(UnloadedWeights("net.pth")) == {}
    weight = torch.ones(2)
    assert weight.copy_(weights["conv.weight"]) is weight
    assert isinstance(torch.cat([weights["a"], weights["b"]]), UnloadedWeights)


@pytest.mark.parametrize(
    "ask",
    [
        lambda weights: nn.Linear(int(weights["width"]), 2),
        lambda weights: range(weights["depth"]),
        lambda weights: weights["width"] // 2,
        lambda weights: weights["epoch"] > 3,
        lambda weights: nn.Conv2d(3, weights["width"], 3),
    ],
)
def test_a_structure_that_depends_on_weights_cannot_be_built(ask):
    with pytest.raises(ConvwrightError, match=r"test_unloaded_weights.py:\d+ needs what net.pth holds.*--import"):
        ask(UnloadedWeights("net.pth"))
