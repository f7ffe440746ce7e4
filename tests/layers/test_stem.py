import pytest
import timm
import torch
from torch import nn
from torchvision.models import mobilenet_v2, resnet18

from convwright.errors import ConvwrightError
from convwright.layers import STEMS, ConvStyle, Stem
from reference.peers import assert_same_block

STRIDES = {"imagenet": 4, "deep": 4, "mobile": 2, "cifar": 1, "none": 1}


@pytest.mark.parametrize("kind", STEMS)
@pytest.mark.parametrize("size", [1, 2, 7, 16, 33])
def test_the_stride_rounds_up(kind, size):
    channels = 3 if kind == "none" else 8
    y = Stem(kind, 3, channels).eval()(torch.randn(1, 3, size, size + 1))
    stride = STRIDES[kind]
    assert y.shape == (1, channels, -(-size // stride), -(-(size + 1) // stride))


def test_imagenet_is_torchvisions():
    net = resnet18()
    theirs = nn.Sequential(net.conv1, net.bn1, net.relu, net.maxpool)
    assert_same_block(Stem("imagenet", 3, 64), theirs, torch.randn(2, 3, 17, 20))


def test_deep_is_timms():
    net = timm.create_model("resnet26d")
    theirs = nn.Sequential(net.conv1, net.bn1, net.act1, net.maxpool)
    assert_same_block(Stem("deep", 3, 64), theirs, torch.randn(2, 3, 17, 20))


def test_mobile_is_torchvisions():
    ours = Stem("mobile", 3, 32, style=ConvStyle(act="relu6"))
    assert_same_block(ours, mobilenet_v2().features[0], torch.randn(2, 3, 17, 20))


def test_cifar_is_one_convolution():
    """He et al. 2016a, section 4.2: "the first layer is 3x3 convolutions"."""
    theirs = nn.Sequential(nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU())
    assert_same_block(Stem("cifar", 3, 16), theirs, torch.randn(2, 3, 9, 8))


def test_none_is_nothing():
    x = torch.randn(1, 3, 5, 5)
    assert torch.equal(Stem("none", 3, 3)(x), x)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("imagnet", 3, 64), r"^unknown stem 'imagnet': .*did you mean imagenet\?$"),
        (("cifar", 0, 64), "^in_channels: expected at least 1, got 0$"),
        (("cifar", 3, 0), "^stem channels: expected at least 1, got 0$"),
        (("none", 3, 64), "^stem='none' and 3 to 64 channels clash$"),
    ],
)
def test_bad_input(arguments, message):
    with pytest.raises(ConvwrightError, match=message):
        Stem(*arguments)
