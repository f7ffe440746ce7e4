"""Inputs as typed and mistyped, and as networks declare them."""

from types import SimpleNamespace

import pytest
from torch import nn

from convwright.errors import ConvwrightError
from convwright.networks.inputs import declared_input, parse_input


@pytest.mark.parametrize("text", ["3x224", "1X3x32x32", "7"])
def test_inputs(text: str) -> None:
    assert parse_input(text) == tuple(int(part) for part in text.lower().split("x"))


@pytest.mark.parametrize("text", ["", "3xx2", "3x0x2", "axb", "3,224,224"])
def test_inputs_that_are_none(text: str) -> None:
    with pytest.raises(ConvwrightError, match="3x224x224"):
        parse_input(text)


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
