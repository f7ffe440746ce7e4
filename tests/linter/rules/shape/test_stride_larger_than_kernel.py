import pytest
from torch import nn

from convwright.linter import Safety, lint


def gaps(net):
    return [finding for finding in lint(net, (2, 3, 32, 32)).findings if finding.code == "CW109"]


@pytest.mark.parametrize(
    "layer", [nn.Conv2d(3, 8, 1, stride=2), nn.MaxPool2d(1, 2), nn.Conv2d(3, 8, 2, stride=2), nn.MaxPool2d(3, 2)]
)
def test_subsampling_and_windows_side_by_side_pass(layer):
    assert not gaps(layer)


def test_a_single_window_leaves_no_gap():
    assert not gaps(nn.AvgPool2d(32, stride=40))


def test_the_share_is_counted():
    (finding,) = gaps(nn.MaxPool2d(2, stride=3))  # 11 windows with 10 gaps of one position on each axis
    assert "52.7 %" in finding.message


def test_a_flattened_map_keeps_its_size():
    (finding,) = gaps(nn.Sequential(nn.MaxPool2d(2, stride=3), nn.Flatten()))
    assert finding.fix.safety is Safety.SUGGESTION
