"""Stages are found by resolution, whatever the modules are called."""

import pytest
from torch import nn
from torchvision import models as torchvision_models

from convwright.analysis.analyze import analyze
from convwright.analysis.stages import stages


def stages_of(model, shape):
    found = analyze(model.eval(), shape)
    return found, stages(found.ops)


@pytest.mark.parametrize(
    ("name", "sides"),
    [
        ("vgg11", [224, 112, 56, 28, 14, 7]),
        ("resnet18", [112, 56, 28, 14, 7]),
        ("densenet121", [112, 56, 28, 14, 7]),
        ("efficientnet_b0", [112, 56, 28, 14, 7]),
        ("mobilenet_v3_small", [112, 56, 28, 14, 7]),
    ],
)
def test_resolutions_of_known_nets(name, sides):
    found, result = stages_of(torchvision_models.get_model(name, weights=None), (1, 3, 224, 224))
    assert [stage.size_px for stage in result] == [(side, side) for side in sides] + [()]
    for what in ("macs", "flops"):
        assert sum(getattr(stage, what) for stage in result) == getattr(found.totals, what)


def test_a_decoder_gets_a_stage_for_each_change():
    net = nn.Sequential(
        nn.Conv2d(3, 8, 3, 2, 1), nn.Conv2d(8, 16, 3, 2, 1), nn.ConvTranspose2d(16, 8, 2, 2), nn.Conv2d(8, 1, 1)
    )
    _, result = stages_of(net, (1, 3, 32, 32))
    assert [stage.size_px for stage in result] == [(16, 16), (8, 8), (16, 16)]


def test_a_net_without_maps_is_one_stage():
    _, result = stages_of(nn.Sequential(nn.Linear(8, 4), nn.ReLU(), nn.Linear(4, 2)), (1, 8))
    assert [(stage.size_px, stage.num_ops) for stage in result] == [((), 3)]


class ChannelsLast(nn.Module):
    """A layer over the last axis, between permutes, as ConvNeXt has it."""

    def __init__(self, channels):
        super().__init__()
        self.norm, self.wide, self.narrow = nn.LayerNorm(channels), nn.Linear(channels, 64), nn.Linear(64, channels)

    def forward(self, x):
        y = self.narrow(self.wide(self.norm(x.permute(0, 2, 3, 1))).relu())
        return x + y.permute(0, 3, 1, 2)


def test_channels_may_be_the_last_axis():
    net = nn.Sequential(nn.Conv2d(3, 16, 4, 4), ChannelsLast(16), nn.Conv2d(16, 32, 2, 2), ChannelsLast(32))
    found, result = stages_of(net, (1, 3, 56, 40))
    assert [(stage.size_px, stage.channels) for stage in result] == [((14, 10), 64), ((7, 5), 64)]
    wide = next(facts for facts in found.ops if facts.op.path == "1.wide")
    assert (wide.op.output.shape, wide.map_axes, wide.map_px, wide.channels) == ((1, 14, 10, 64), (1, 2), (14, 10), 64)
