import torch
from torch import nn

from convwright.linter import lint
from convwright.models import build


class Joined(nn.Module):
    """Two branches of the input, concatenated."""

    def __init__(self, first, second, end=None):
        super().__init__()
        self.first, self.second, self.end = first, second, end or nn.Identity()

    def forward(self, x):
        return self.end(torch.cat([self.first(x), self.second(x)], dim=1))


def breaks(net, shape=(1, 3, 32, 32)):
    return [finding for finding in lint(net, shape).findings if finding.code == "CW106"]


def test_roundings_that_differ():
    (finding,) = breaks(Joined(nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.MaxPool2d(2)))
    assert "17x17 and 16x16 when the image has 33x33 px" in finding.message


def test_roundings_alike_need_no_second_trace():
    net = Joined(nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.Conv2d(3, 8, 1, stride=2))
    assert not breaks(net)
    assert not breaks(build("resnet20"))


def test_networks_of_one_size_are_no_finding():
    roundings = nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.MaxPool2d(2)
    assert not breaks(Joined(*roundings, nn.Sequential(nn.Flatten(), nn.Linear(11 * 16 * 16, 10))))

    class Placed(nn.Module):
        def __init__(self):
            super().__init__()
            self.places = nn.Parameter(torch.zeros(11, 16, 16))

        def forward(self, x):
            return x + self.places

    assert not breaks(Joined(*roundings, Placed()))
