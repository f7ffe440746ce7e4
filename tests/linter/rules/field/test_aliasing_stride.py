from torch import nn

from convwright.linter import lint
from convwright.models import build

HEAD = (nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 10))


def aliases(net, px=32):
    return [finding for finding in lint(net, (1, 3, px, px)).findings if finding.code == "CW209"]


def test_patches_and_blurred_maps_pass():
    assert not aliases(nn.Sequential(nn.Conv2d(3, 8, 4, stride=4), *HEAD))
    assert not aliases(nn.Sequential(nn.AvgPool2d(2, stride=1), nn.Conv2d(3, 8, 3, stride=2), *HEAD))


def test_only_classifiers_are_asked():
    assert not aliases(nn.Sequential(nn.Conv2d(3, 8, 3, stride=2), nn.ReLU()))


def test_a_network_has_one_finding():
    (finding,) = aliases(build("resnet18"), 64)
    assert "at 5 places" in finding.message
