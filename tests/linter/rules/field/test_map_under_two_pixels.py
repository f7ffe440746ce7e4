from torch import nn

from convwright.linter import lint
from convwright.models import build


def small(net, px):
    return [finding for finding in lint(net, (2, 3, px, px)).findings if finding.code == "CW202"]


def test_gates_and_pointwise_convolutions_pass():
    gate = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(3, 4, 1), nn.ReLU(), nn.Conv2d(4, 3, 1), nn.Sigmoid())
    assert not small(gate, 32)


def test_a_window_over_the_whole_map_passes():
    assert not small(nn.Sequential(nn.Conv2d(3, 8, 8), nn.ReLU()), 8)


def test_all_windows_are_one_finding():
    (finding,) = small(build("resnet18"), 32)
    assert "3x3 kernel, the first of 3, on a 1x1 map" in finding.message
    assert finding.gain.parameters == 3 * 8 * 512 * 512
