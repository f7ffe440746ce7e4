import pytest
import torch
from torch import nn

from convwright.errors import ConvwrightError
from convwright.layers import ACTIVATIONS, activation

x = torch.linspace(-8, 8, 101)
# The definitions, beside the sources that name them.
FORMULAS = {
    "gelu": lambda x: x * (1 + torch.erf(x / 2**0.5)) / 2,  # Hendrycks & Gimpel 2016
    "hardsigmoid": lambda x: (x + 3).clamp(0, 6) / 6,  # Howard et al. 2019, section 5.2
    "hardswish": lambda x: x * (x + 3).clamp(0, 6) / 6,  # Howard et al. 2019, section 5.2
    "none": lambda x: x,
    "relu": lambda x: x.clamp(min=0),
    "relu6": lambda x: x.clamp(0, 6),  # Howard et al. 2017
    "sigmoid": lambda x: 1 / (1 + torch.exp(-x)),
    "silu": lambda x: x / (1 + torch.exp(-x)),  # Ramachandran et al. 2017
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_formula(name):
    torch.testing.assert_close(activation(name)(x.clone()), FORMULAS[name](x))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_not_in_place_when_told(name):
    kept = x.clone()
    assert type(activation(name, in_place=False)) is type(activation(name))
    activation(name, in_place=False)(kept)
    assert torch.equal(kept, x)


def test_each_call_makes_a_new_layer():
    assert activation("relu") is not activation("relu")
    assert isinstance(activation("none"), nn.Identity)


def test_unknown_name():
    with pytest.raises(
        ConvwrightError, match=r"^unknown activation 'swish': expected one of gelu, .*did you mean hards"
    ):
        activation("swish")
