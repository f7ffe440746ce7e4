import pytest
import torch
from timm.layers import BatchNormAct2d, create_conv2d
from timm.models.resnetv2 import DownsampleConv, PreActBasic, PreActBottleneck
from torch import nn

from convwright.errors import ConvwrightError
from convwright.layers import (
    ConvStyle,
    ModernBlock,
    PreActivationBasicBlock,
    PreActivationBottleneck,
    ResidualOptions,
    downsample_names,
)
from reference.peers import assert_same_block, copy_weights

# timm defines the shortcut first.
ORDER = ("norm1", "conv1", "norm2", "conv2", "norm3", "conv3", "downsample")
LAYERS = {"conv_layer": create_conv2d, "norm_layer": BatchNormAct2d}


@pytest.mark.parametrize(("out_channels", "stride"), [(8, 1), (16, 1), (16, 2)])
def test_basic_block_is_timms(out_channels, stride):
    changes = stride == 2 or out_channels != 8
    theirs = PreActBasic(8, out_channels, stride=stride, proj_layer=DownsampleConv if changes else None, **LAYERS)
    ours = PreActivationBasicBlock(8, out_channels, stride)
    assert_same_block(ours, theirs, torch.randn(2, 8, 7, 8), order=ORDER)


@pytest.mark.parametrize(("in_channels", "stride", "groups"), [(32, 1, 1), (16, 1, 1), (16, 2, 4)])
def test_bottleneck_is_timms(in_channels, stride, groups):
    changes = stride == 2 or in_channels != 32
    theirs = PreActBottleneck(
        in_channels, 32, stride=stride, groups=groups, proj_layer=DownsampleConv if changes else None, **LAYERS
    )
    # timm takes the inner width as a quarter; ours as 64 channels of a base width of 64, over the groups.
    ours = PreActivationBottleneck(in_channels, 8, stride, ResidualOptions(groups=groups, width_per_group=64 // groups))
    assert_same_block(ours, theirs, torch.randn(2, in_channels, 7, 8), order=ORDER)


@pytest.mark.parametrize("downsample", downsample_names())
@pytest.mark.parametrize(
    ("block", "stride_in_1x1"),
    [
        (PreActivationBasicBlock, False),
        (PreActivationBottleneck, False),
        (PreActivationBottleneck, True),
        (ModernBlock, False),
    ],
)
def test_every_downsampling_halves_and_rounds_up(block, downsample, stride_in_1x1):
    for size in (2, 7, 8):
        layer = block(8, 4, 2, ResidualOptions(downsample=downsample, stride_in_1x1=stride_in_1x1))
        y = layer.eval()(torch.randn(1, 8, size, size + 1))
        assert y.shape == (1, 4 * block.expansion, (size + 1) // 2, (size + 2) // 2)


def test_the_identity_is_not_activated():
    """He et al. 2016b, equation 3: what comes in goes through unchanged."""
    block = PreActivationBasicBlock(4, 4).eval()
    nn.init.zeros_(block.residual.conv2.conv.weight)
    x = torch.randn(2, 4, 5, 5)
    assert torch.equal(block(x), x)


@pytest.mark.parametrize("act", ["relu", "silu"])
def test_without_a_norm_the_identity_is_not_overwritten(act):
    block = PreActivationBasicBlock(4, 4, options=ResidualOptions(style=ConvStyle(norm="none", act=act)))
    nn.init.zeros_(block.residual.conv2.conv.weight)
    x = torch.randn(2, 4, 5, 5)
    before = x.clone()
    assert torch.equal(block(x), before)


def test_the_modern_block_squeezes_by_sixteen():
    modern = ModernBlock(64, 16)
    plain = PreActivationBottleneck(64, 16, options=ResidualOptions(se_ratio=1 / 16))
    assert modern.residual.se.fc1.out_channels == 4
    copy_weights(plain, modern)
    x = torch.randn(2, 64, 5, 5)
    torch.testing.assert_close(modern(x), plain(x))
    assert ModernBlock(64, 16, options=ResidualOptions(se_ratio=0.25)).residual.se.fc1.out_channels == 16


def test_drop_path_leaves_the_shortcut():
    block = PreActivationBasicBlock(4, 4, options=ResidualOptions(drop_path=0.5))
    x = torch.rand(32, 4, 5, 5)
    untouched = (block(x) == x).flatten(1).all(1)
    assert 0 < untouched.sum() < 32


def test_a_plain_network_has_no_shortcut():
    block = PreActivationBottleneck(8, 4, 2, ResidualOptions(shortcut="none")).eval()
    x = torch.randn(1, 8, 5, 5)
    torch.testing.assert_close(block(x), block.residual(block.norm_act(x)))


@pytest.mark.parametrize("stride", [-1, 0, 3])
@pytest.mark.parametrize("block", [PreActivationBasicBlock, PreActivationBottleneck, ModernBlock])
def test_a_block_keeps_or_halves(block, stride):
    with pytest.raises(ConvwrightError, match=f"^stride.*: expected .*1.*, got {stride}$"):
        block(8, 8, stride)


def test_a_basic_block_refuses_groups():
    with pytest.raises(ConvwrightError, match=r"^groups=2 and a basic block clash"):
        PreActivationBasicBlock(8, 8, options=ResidualOptions(groups=2))
