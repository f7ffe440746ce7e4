import pytest
import torch
from torch import nn
from torchvision.models.efficientnet import FusedMBConv as TorchvisionFused
from torchvision.models.efficientnet import FusedMBConvConfig, MBConvConfig
from torchvision.models.efficientnet import MBConv as TorchvisionMBConv
from torchvision.models.mobilenetv2 import InvertedResidual as MobileNetV2Block
from torchvision.models.mobilenetv3 import InvertedResidual as MobileNetV3Block
from torchvision.models.mobilenetv3 import InvertedResidualConfig

from convwright.errors import ConvwrightError
from convwright.layers import ConvStyle, FusedMBConv, InvertedOptions, MBConv, downsample_names
from reference.peers import assert_same_block

SHAPES = [(8, 8, 1, 6), (8, 16, 1, 4), (8, 16, 2, 6), (8, 8, 2, 1), (8, 8, 1, 1)]


@pytest.mark.parametrize(("in_channels", "out_channels", "stride", "ratio"), SHAPES)
def test_mbconv_is_mobilenet_v2s(in_channels, out_channels, stride, ratio):
    theirs = MobileNetV2Block(in_channels, out_channels, stride, ratio)
    options = InvertedOptions(style=ConvStyle(act="relu6"))
    ours = MBConv(in_channels, out_channels, in_channels * ratio, 3, stride, options)
    assert_same_block(ours, theirs, torch.randn(2, in_channels, 7, 8))


@pytest.mark.parametrize("act", ["RE", "HS"])
@pytest.mark.parametrize(("in_channels", "out_channels", "stride", "ratio"), SHAPES)
def test_mbconv_is_mobilenet_v3s(act, in_channels, out_channels, stride, ratio):
    expanded = in_channels * ratio
    config = InvertedResidualConfig(in_channels, 5, expanded, out_channels, True, act, stride, 1, 1.0)
    theirs = MobileNetV3Block(config, nn.BatchNorm2d)
    style = ConvStyle(act={"RE": "relu", "HS": "hardswish"}[act])
    squeeze = next(m for m in theirs.modules() if hasattr(m, "fc1")).fc1.out_channels
    options = InvertedOptions(squeeze_channels=squeeze, se_gate="hardsigmoid", style=style)
    assert_same_block(
        MBConv(in_channels, out_channels, expanded, 5, stride, options), theirs, torch.randn(2, in_channels, 7, 8)
    )


@pytest.mark.parametrize(("in_channels", "out_channels", "stride", "ratio"), SHAPES)
def test_mbconv_is_efficientnets(in_channels, out_channels, stride, ratio):
    theirs = TorchvisionMBConv(MBConvConfig(ratio, 3, stride, in_channels, out_channels, 1), 0.0, nn.BatchNorm2d)
    # Tan & Le 2019: the squeeze is a quarter of the block's input, not of its expanded width.
    options = InvertedOptions(squeeze_channels=in_channels // 4, se_act="silu", style=ConvStyle(act="silu"))
    ours = MBConv(in_channels, out_channels, in_channels * ratio, 3, stride, options)
    assert_same_block(ours, theirs, torch.randn(2, in_channels, 7, 8))


@pytest.mark.parametrize(("in_channels", "out_channels", "stride", "ratio"), SHAPES)
def test_fused_mbconv_is_efficientnet_v2s(in_channels, out_channels, stride, ratio):
    theirs = TorchvisionFused(FusedMBConvConfig(ratio, 3, stride, in_channels, out_channels, 1), 0.0, nn.BatchNorm2d)
    options = InvertedOptions(style=ConvStyle(act="silu"))
    ours = FusedMBConv(in_channels, out_channels, in_channels * ratio, 3, stride, options)
    assert_same_block(ours, theirs, torch.randn(2, in_channels, 7, 8))


@pytest.mark.parametrize("downsample", downsample_names())
@pytest.mark.parametrize("block", [MBConv, FusedMBConv])
@pytest.mark.parametrize("expanded", [4, 12])
def test_every_downsampling_halves_and_rounds_up(downsample, block, expanded):
    for size in (2, 7, 8):
        layer = block(4, 6, expanded, 3, 2, InvertedOptions(downsample=downsample))
        y = layer.eval()(torch.randn(1, 4, size, size + 1))
        assert y.shape == (1, 6, (size + 1) // 2, (size + 2) // 2)


def test_the_last_convolution_is_linear():
    """Sandler et al. 2018, section 3.2: no activation on the narrow side."""
    for block in (MBConv(8, 12, 16), FusedMBConv(8, 12, 16)):
        assert [name for name, _ in block.residual.project.named_children()] == ["conv", "norm"]


def test_drop_path_needs_a_shortcut():
    options = InvertedOptions(drop_path=0.3)
    assert hasattr(MBConv(8, 8, 16, options=options).residual, "drop_path")
    assert not hasattr(MBConv(8, 12, 16, options=options).residual, "drop_path")
    assert not hasattr(MBConv(8, 8, 16, 3, 2, options).residual, "drop_path")


@pytest.mark.parametrize("block", [MBConv, FusedMBConv])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0,), "^expanded_channels: expected at least 1, got 0$"),
        ((16, 4), "^kernel_size=4 with dilation=1: expected an odd effective kernel"),
        ((16, 3, 3), "^stride of a block: expected 1 or 2, got 3$"),
        ((16, 3, -1), "^stride of a block: expected 1 or 2, got -1$"),
        ((16, 3, 2, InvertedOptions(downsample="?")), r"^unknown downsample '\?': expected one of average"),
        ((16, 3, 1, InvertedOptions(drop_path=1.0)), "^drop_path: expected a fraction"),
        ((16, 3, 1, InvertedOptions(squeeze_channels=-1)), "^squeeze_channels: expected at least 1, got -1$"),
    ],
)
def test_bad_input(block, arguments, message):
    with pytest.raises(ConvwrightError, match=message):
        block(8, 8, *arguments)
