import pytest
import torch
from torch import nn
from torchvision.ops import SqueezeExcitation

from convwright.errors import ConvwrightError
from convwright.layers import SqueezeExcite
from reference.peers import assert_same_block


@pytest.mark.parametrize(
    ("names", "classes"),
    [
        ({}, {}),
        ({"act": "silu"}, {"activation": nn.SiLU}),
        ({"gate": "hardsigmoid"}, {"scale_activation": nn.Hardsigmoid}),
    ],
)
def test_torchvision_agrees(names, classes):
    assert_same_block(SqueezeExcite(8, 3, **names), SqueezeExcitation(8, 3, **classes), torch.randn(2, 8, 5, 6))


@pytest.mark.parametrize(
    ("channels", "squeeze", "message"),
    [
        (0, 1, "^channels: expected at least 1, got 0$"),
        (8, 0, "^squeeze_channels: expected at least 1, got 0$"),
    ],
)
def test_bad_input(channels, squeeze, message):
    with pytest.raises(ConvwrightError, match=message):
        SqueezeExcite(channels, squeeze)


def test_unknown_gate():
    with pytest.raises(ConvwrightError, match=r"^unknown activation 'sigmod': .* did you mean sigmoid"):
        SqueezeExcite(8, 2, gate="sigmod")
