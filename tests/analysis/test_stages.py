"""Stages are found by resolution, whatever the modules are called."""

import pytest
from torch import nn
from torchvision import models as torchvision_models

from convwright.analysis.analyze import analyze
from convwright.analysis.stages import stages


def stages_of(model, shape):
    found = analyze(model.eval(), shape)
    return found, stages(found.ops)


# Resolutions and output channels: VGG 2014 table 1; ResNet 2016 table 1; DenseNet 2017 table 1 (a transition begins
# a stage); EfficientNet 2019 table 1 and MobileNetV3 2019 table 2 (the last block of each resolution, the last
# convolution at 7x7).
@pytest.mark.parametrize(
    ("name", "sides", "channels"),
    [
        ("vgg11", [224, 112, 56, 28, 14, 7], [64, 128, 256, 512, 512, 512]),
        ("resnet18", [112, 56, 28, 14, 7], [64, 64, 128, 256, 512]),
        ("densenet121", [112, 56, 28, 14, 7], [64, 256, 512, 1024, 1024]),
        ("efficientnet_b0", [112, 56, 28, 14, 7], [16, 24, 40, 112, 1280]),
        ("mobilenet_v3_small", [112, 56, 28, 14, 7], [16, 16, 24, 48, 576]),
    ],
)
def test_resolutions_of_known_nets(name, sides, channels):
    found, result = stages_of(torchvision_models.get_model(name, weights=None), (1, 3, 224, 224))
    assert [stage.size_px for stage in result] == [(side, side) for side in sides] + [()]
    assert [stage.channels for stage in result] == [*channels, 1000]
    for what in ("macs", "flops"):
        assert sum(getattr(stage, what) for stage in result) == getattr(found.totals, what)


def test_a_block_belongs_to_one_stage():
    found, result = stages_of(torchvision_models.resnet50(weights=None), (1, 3, 224, 224))
    starts = ["conv1", "maxpool", "layer2.0.conv1", "layer3.0.conv1", "layer4.0.conv1", "avgpool"]
    assert [stage.first_path for stage in result] == starts
    assert result[1].parameters == sum(row.numel for row in found.graph.parameters.values() if "layer1." in row.name)


class TwoConvs(nn.Sequential):
    """Convolutions without a shortcut."""

    def __init__(self, before, after, stride):
        super().__init__(nn.Conv2d(before, after, 3, padding=1), nn.Conv2d(after, after, 3, stride, 1))


def test_a_module_that_does_much_before_it_halves_the_map_is_no_block():
    body = nn.Sequential(TwoConvs(8, 8, 1), TwoConvs(8, 8, 1), TwoConvs(8, 16, 2))
    _, result = stages_of(nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), body), (1, 3, 16, 16))
    assert [(stage.first_path, stage.channels) for stage in result] == [("0", 8), ("1.2.0", 16)]


def test_a_module_that_halves_the_map_twice_is_no_block():
    body = nn.Sequential(nn.Conv2d(8, 8, 3, padding=1), nn.Conv2d(8, 16, 3, 2, 1), nn.Conv2d(16, 32, 3, 2, 1))
    _, result = stages_of(nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), body), (1, 3, 16, 16))
    assert [(stage.first_path, stage.channels) for stage in result] == [("0", 8), ("1.1", 16), ("1.2", 32)]


class Gated(nn.Module):
    """A squeeze-excite gate."""

    def __init__(self, channels):
        super().__init__()
        self.gate = nn.Conv2d(channels, channels, 1)

    def forward(self, x):
        return x * self.gate(x.mean((2, 3), keepdim=True)).sigmoid()


def test_a_gate_in_a_decoder_is_no_stage():
    net = nn.Sequential(
        nn.Conv2d(3, 8, 3, 2, 1), nn.Conv2d(8, 16, 3, 2, 1), Gated(16), nn.ConvTranspose2d(16, 8, 2, 2), Gated(8)
    )
    _, result = stages_of(net, (1, 3, 32, 32))
    assert [(stage.size_px, stage.channels) for stage in result] == [((16, 16), 8), ((8, 8), 16), ((16, 16), 8)]


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
    assert [(stage.size_px, stage.channels) for stage in result] == [((14, 10), 16), ((7, 5), 32)]
    wide = next(facts for facts in found.ops if facts.op.path == "1.wide")
    assert (wide.op.output.shape, wide.map_axes, wide.map_px, wide.channels) == ((1, 14, 10, 64), (1, 2), (14, 10), 64)
