import pytest
from torch import nn

from reference.linting import found


class Bottleneck(nn.Module):
    """Expand, filter, gate, project."""

    def __init__(self, c_in=16, wide=64, c_out=16, *, groups=64, act=nn.ReLU, shortcut=False):
        super().__init__()
        self.expand, self.filter = nn.Conv2d(c_in, wide, 1), nn.Conv2d(wide, wide, 3, padding=1, groups=groups)
        self.gate, self.project = nn.Linear(wide, wide), nn.Conv2d(wide, c_out, 1)
        self.norm, self.act, self.shortcut = nn.BatchNorm2d(c_out), act(), shortcut

    def forward(self, x):
        y = self.filter(self.expand(x).relu()).relu()
        y = y * self.gate(y.mean((2, 3))).sigmoid()[:, :, None, None]
        y = self.norm(self.project(y))
        return self.act(x + y) if self.shortcut else self.act(y)


def findings(**options):
    block = Bottleneck(**options)
    return found("CW507", nn.Sequential(nn.Conv2d(3, block.expand.in_channels, 1), block), (1, 3, 8, 8))


@pytest.mark.parametrize("act", [nn.ReLU6, nn.Hardswish, nn.SiLU])
def test_gates_are_looked_through(act):
    (finding,) = findings(act=act)
    assert finding.path == "1.act"


@pytest.mark.parametrize(
    "options",
    [
        {"act": nn.Identity},
        {"act": nn.Sigmoid},
        {"shortcut": True},
        {"groups": 1},
        {"c_out": 64},
        {"c_in": 64, "c_out": 32},
    ],
    ids=["linear", "gate", "after the sum", "dense", "wide", "not expanded"],
)
def test_other_blocks_pass(options):
    assert not findings(**options)


def test_mobilenet_v1_passes():
    layers = [nn.Conv2d(3, 32, 1), nn.Conv2d(32, 32, 3, groups=32), nn.ReLU(), nn.Conv2d(32, 64, 1), nn.ReLU()]
    assert not found("CW507", nn.Sequential(*layers), (1, 3, 8, 8))
