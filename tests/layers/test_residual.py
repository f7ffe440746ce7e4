import pytest
import torch
from torch import nn
from torchvision.models.resnet import BasicBlock as TorchvisionBasic
from torchvision.models.resnet import Bottleneck as TorchvisionBottleneck

from convwright.errors import ConvwrightError
from convwright.layers import BasicBlock, Bottleneck, ConvStyle, ResidualOptions, downsample_names
from reference.peers import assert_same_block


def projection(channels, out_channels, stride):
    return nn.Sequential(nn.Conv2d(channels, out_channels, 1, stride, bias=False), nn.BatchNorm2d(out_channels))


@pytest.mark.parametrize(("out_channels", "stride"), [(8, 1), (12, 1), (12, 2)])
def test_basic_block_is_torchvisions(out_channels, stride):
    same = stride == 1 and out_channels == 8
    theirs = TorchvisionBasic(8, out_channels, stride, None if same else projection(8, out_channels, stride))
    assert_same_block(BasicBlock(8, out_channels, stride), theirs, torch.randn(2, 8, 7, 8))


@pytest.mark.parametrize(
    ("in_channels", "stride", "groups", "width_per_group"),
    [(64, 1, 1, 64), (32, 2, 1, 64), (32, 2, 4, 16), (64, 1, 1, 128), (32, 1, 8, 4)],
)
def test_bottleneck_is_torchvisions(in_channels, stride, groups, width_per_group):
    """Plain, ResNeXt's groups, and Wide ResNet's doubled width."""
    down = None if stride == 1 and in_channels == 64 else projection(in_channels, 64, stride)
    theirs = TorchvisionBottleneck(in_channels, 16, stride, down, groups, width_per_group)
    ours = Bottleneck(in_channels, 16, stride, ResidualOptions(groups=groups, width_per_group=width_per_group))
    assert_same_block(ours, theirs, torch.randn(2, in_channels, 7, 6))


def test_the_stride_can_stand_in_the_first_convolution():
    """He et al. 2016a, section 4.1: "downsampling is performed by" the first 1x1 of a stage."""
    theirs = TorchvisionBottleneck(16, 8, 2, projection(16, 32, 2))
    theirs.conv1.stride, theirs.conv2.stride = (2, 2), (1, 1)
    assert_same_block(Bottleneck(16, 8, 2, ResidualOptions(stride_in_1x1=True)), theirs, torch.randn(2, 16, 7, 8))


@pytest.mark.parametrize("downsample", downsample_names())
@pytest.mark.parametrize(("block", "stride_in_1x1"), [(BasicBlock, False), (Bottleneck, False), (Bottleneck, True)])
def test_every_downsampling_halves_and_rounds_up(downsample, block, stride_in_1x1):
    for size in (2, 7, 8):
        layer = block(8, 4, 2, ResidualOptions(downsample=downsample, stride_in_1x1=stride_in_1x1))
        y = layer.eval()(torch.randn(1, 8, size, size + 1))
        assert y.shape == (1, 4 * block.expansion, (size + 1) // 2, (size + 2) // 2)


def test_a_plain_network_has_no_shortcut():
    block = BasicBlock(8, 8, options=ResidualOptions(shortcut="none")).eval()
    x = torch.randn(1, 8, 5, 5)
    assert block.shortcut is None
    torch.testing.assert_close(block(x), block.residual(x).relu())


def test_squeeze_excite_ends_the_branch():
    """Hu et al. 2018, figure 3: before the addition, with a width relative to the block's output."""
    block = Bottleneck(8, 8, options=ResidualOptions(se_ratio=1 / 16))
    assert [name for name, _ in block.residual.named_children()] == ["conv1", "conv2", "conv3", "se"]
    assert block.residual.se.fc1.out_channels == 2
    assert Bottleneck(8, 4, options=ResidualOptions(se_ratio=0.01)).residual.se.fc1.out_channels == 1


def test_drop_path_drops_the_branch_and_leaves_the_shortcut():
    block = BasicBlock(4, 4, options=ResidualOptions(drop_path=0.5))
    x = torch.rand(32, 4, 5, 5)
    untouched = (block(x) == x).flatten(1).all(1)
    assert 0 < untouched.sum() < 32
    assert not (block.eval()(x) == x).flatten(1).all(1).any()


def test_the_style_reaches_every_layer():
    style = ConvStyle(act="silu", norm_eps=1e-3)
    block = Bottleneck(8, 4, 2, ResidualOptions(style=style))
    norms = [m for m in block.modules() if isinstance(m, nn.BatchNorm2d)]
    assert len(norms) == 4
    assert {norm.eps for norm in norms} == {1e-3}
    assert sum(isinstance(m, nn.SiLU) for m in block.modules()) == 3
    assert not any(isinstance(m, nn.ReLU) for m in block.modules())


@pytest.mark.parametrize("name", ["groups", "width_per_group", "stride_in_1x1"])
def test_a_basic_block_refuses_what_only_a_bottleneck_has(name):
    with pytest.raises(ConvwrightError, match=f"^{name}=2 and a basic block clash; use a bottleneck block$"):
        BasicBlock(8, 8, options=ResidualOptions(**{name: 2}))


@pytest.mark.parametrize("stride", [-1, 0, 3])
@pytest.mark.parametrize("block", [BasicBlock, Bottleneck])
def test_a_block_keeps_or_halves(block, stride):
    with pytest.raises(ConvwrightError, match=f"^stride of a block: expected 1 or 2, got {stride}$"):
        block(8, 8, stride)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shortcut": "C"}, "^unknown shortcut 'C': expected one of A, B, D, none"),
        ({"downsample": "maxx"}, r"^unknown downsample 'maxx': .*did you mean max\?"),
        ({"groups": 0}, "^groups: expected at least 1, got 0$"),
        ({"width_per_group": 0}, "^width_per_group: expected at least 1, got 0$"),
        ({"se_ratio": -1}, "^se_ratio: expected at least 0, got -1$"),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(ConvwrightError, match=message):
        ResidualOptions(**options)


def test_a_group_without_a_channel_is_refused():
    with pytest.raises(ConvwrightError, match=r"^width_per_group=4 and a base width of 8 channels clash: .* got 32$"):
        Bottleneck(8, 8, options=ResidualOptions(groups=2, width_per_group=4))
