import torch
from torch import nn

from convwright.linter import Safety
from convwright.models import build
from reference.linting import found


class Bottleneck(nn.Module):
    """A block with a projection; `pool` blurs what it reads."""

    def __init__(self, strides=(2, 1), pool=nn.Identity, conv=nn.Conv2d):
        super().__init__()
        self.stem, self.pool = nn.Conv2d(3, 16, 3, padding=1), pool()
        self.reduce = conv(16, 8, 1, strides[0])
        self.window = conv(8, 8, 3, strides[1], 1)
        self.expand = conv(8, 32, 1)
        self.shortcut = nn.Sequential(nn.AvgPool2d(2), nn.Conv2d(16, 32, 1))

    def forward(self, x):
        x = self.stem(x).relu()
        y = self.window(self.reduce(self.pool(x)).relu()).relu()
        return torch.relu(self.expand(y) + self.shortcut(x))


def test_the_stride_moves_and_costs():
    (finding,) = found("CW502", Bottleneck(), (2, 3, 8, 8))
    assert [(edit.path, edit.values) for edit in finding.fix.edits] == [
        ("reduce", {"stride": 1}),
        ("window", {"stride": 2}),
    ]
    assert finding.gain.macs == -3 * 16 * 8 * 16


def test_a_pool_before_has_mixed_what_is_skipped():
    assert not found("CW502", Bottleneck(pool=lambda: nn.AvgPool2d(3, 1, 1)), (1, 3, 8, 8))


def test_the_stride_in_the_window_passes():
    assert not found("CW502", Bottleneck(strides=(1, 2)), (1, 3, 8, 8))
    assert not found("CW502", build("resnet50"), (1, 3, 64, 64))


def test_a_layer_of_ones_own_is_left_to_its_author():
    class Conv(nn.Conv2d):
        pass

    (finding,) = found("CW502", Bottleneck(conv=Conv), (1, 3, 8, 8))
    assert finding.fix.safety is Safety.SUGGESTION
