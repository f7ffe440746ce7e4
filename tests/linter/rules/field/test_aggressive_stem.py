import pytest
from torch import nn

from convwright.linter import Safety, lint
from convwright.models import build


def stems(net, px=32):
    return [finding for finding in lint(net, (2, 3, px, px)).findings if finding.code == "CW201"]


def net(*layers, channels=16):
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 10))


@pytest.mark.parametrize("name", ["resnet20", "mobilenet_v2"])
def test_networks_whose_strides_come_later_pass(name):
    assert not stems(build(name))


def test_lenet_and_patches_pass():
    conv = (nn.Conv2d(3, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 16, 5), nn.ReLU(), nn.MaxPool2d(2))
    assert not stems(net(*conv, nn.MaxPool2d(2)))
    assert not stems(net(nn.Conv2d(3, 16, 4, stride=4), nn.Conv2d(16, 16, 3, stride=2, padding=1)))


def test_an_imagenet_stem_passes_on_large_images_only():
    resnet = build("resnet18")
    assert not stems(resnet, 128)
    (finding,) = stems(resnet)
    assert "leaves 8x8 of 32x32 px" in finding.message
    assert finding.fix.safety is Safety.CHANGES_TRAINING
