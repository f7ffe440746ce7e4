from torch import nn

from convwright.linter import lint
from convwright.models import build


def enlarged(net, px):
    return [finding for finding in lint(net, (2, 3, px, px)).findings if finding.code == "CW701"]


def test_global_pools_and_equal_sizes_pass():
    assert not enlarged(nn.AdaptiveAvgPool2d(1), 1)
    assert not enlarged(nn.AdaptiveMaxPool2d(7), 7)


def test_the_linear_layer_behind_takes_fewer_features():
    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.AdaptiveAvgPool2d(7), nn.Flatten(), nn.Dropout(), nn.Linear(8 * 49, 10))
    (finding,) = enlarged(net, 4)
    assert finding.gain.parameters == 8 * (49 - 4) * 10
    assert finding.fix.summary == "set output_size=2 and in_features=32 in `4`"


def test_vgg_on_small_images():
    (finding,) = enlarged(build("vgg16"), 32)
    assert "7x7 positions of 1x1" in finding.message
