"""Inputs that networks declare."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from convwright.networks.inputs.declared import declared_guesses, declared_input


@pytest.mark.parametrize(
    ("config", "shape"),
    [
        (SimpleNamespace(input_size=32, in_channels=1), (1, 1, 32, 32)),
        (SimpleNamespace(input_size=(64, 48)), (1, 3, 64, 48)),
        (SimpleNamespace(input_size=(3, 16, 112, 112)), (1, 3, 16, 112, 112)),
        (SimpleNamespace(), None),
    ],
)
def test_declared_inputs(config, shape):
    module = nn.Identity()
    module.config = config
    assert declared_input(module) == shape


class Net(nn.Module):
    def forward(self, x):
        return x


@pytest.mark.parametrize(
    ("attribute", "value", "shape", "reason"),
    [
        ("default_cfg", {"input_size": (3, 48, 48)}, (1, 3, 48, 48), ""),
        ("pretrained_cfg", SimpleNamespace(input_size=(3, 40, 40)), (1, 3, 40, 40), ""),
        ("example_input_array", torch.zeros(2, 1, 28, 28), (2, 1, 28, 28), ""),
        ("img_size", 64, (1, 3, 64, 64), "its img_size is 64"),
        ("input_size", (56, 48, 3), (1, 3, 56, 48), "its input_size is (56, 48, 3)"),
        ("input_resolution", (56, 48), (1, 3, 56, 48), "its input_resolution is (56, 48)"),
    ],
)
def test_other_declarations(attribute, value, shape, reason):
    module = Net()
    setattr(module, attribute, value)
    (guess,) = declared_guesses(module)
    assert (guess.inputs[0].shape, guess.reason) == (shape, reason)


def test_example_tokens_keep_their_dtype():
    module = nn.Embedding(10, 4)
    module.example_input_array = {"input": torch.zeros(1, 7, dtype=torch.int64)}
    (guess,) = declared_guesses(module)
    assert str(guess.inputs[0]) == "input=1x7:int64"


def test_other_attributes_declare_nothing():
    module = Net()
    module.size, module.img_size, module.input_shape, module.rnn = 64, None, (0, 3), nn.LSTM(8, 4)
    module.input_dim = 64
    assert list(declared_guesses(module)) == []
