import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from timm.layers import Conv2dSame
from torch import nn

from convwright.errors import ConvwrightError
from convwright.layers import ConvNormAct, ConvStyle, NormActConv, SameConv2d
from reference.peers import assert_same_block, copy_weights


def same_convolution(x: np.ndarray, weight: np.ndarray, stride: int, dilation: int) -> np.ndarray:
    """TensorFlow's SAME: position i is centered so that the padding it needs is shared, the odd pixel last."""
    (height, width), kernel = x.shape[-2:], weight.shape[-1]
    positions = [-(-size // stride) for size in (height, width)]
    before = [
        max((n - 1) * stride + dilation * (kernel - 1) + 1 - size, 0) // 2
        for n, size in zip(positions, (height, width), strict=True)
    ]
    y = np.zeros((x.shape[0], weight.shape[0], *positions))
    for n, c, row, column in np.ndindex(*y.shape):
        for i, j in np.ndindex(kernel, kernel):
            top, left = row * stride - before[0] + i * dilation, column * stride - before[1] + j * dilation
            if 0 <= top < height and 0 <= left < width:
                y[n, c, row, column] += weight[c, :, i, j] @ x[n, :, top, left]
    return y


windows = {
    "size": st.tuples(st.integers(1, 8), st.integers(1, 8)),
    "kernel_size": st.integers(1, 4),
    "stride": st.integers(1, 3),
    "dilation": st.integers(1, 2),
}


@given(**windows)
def test_same_convolution_by_definition(size, kernel_size, stride, dilation):
    x = torch.randn(2, 2, *size, dtype=torch.double)
    conv = SameConv2d(2, 3, kernel_size, stride, dilation=dilation, bias=False).double()
    expected = same_convolution(x.numpy(), conv.weight.detach().numpy(), stride, dilation)
    torch.testing.assert_close(conv(x), torch.from_numpy(expected))


@given(**windows)
def test_same_convolution_agrees_with_timm(size, kernel_size, stride, dilation):
    x = torch.randn(1, 2, *size)
    arguments = (2, 4, kernel_size, stride)
    theirs, ours = (
        Conv2dSame(*arguments, dilation=dilation, groups=2),
        SameConv2d(*arguments, dilation=dilation, groups=2),
    )
    copy_weights(theirs, ours)
    torch.testing.assert_close(ours(x), theirs(x))


@pytest.mark.parametrize("act", [None, "silu", "none"])
@pytest.mark.parametrize("stride", [1, 2])
def test_conv_norm_act_is_the_three_in_a_row(act, stride):
    acts = [] if act == "none" else [nn.SiLU() if act else nn.ReLU()]
    theirs = nn.Sequential(nn.Conv2d(4, 6, 5, stride, 2, groups=2, bias=False), nn.BatchNorm2d(6), *acts)
    ours = ConvNormAct(4, 6, 5, stride, groups=2, act=act)
    assert len(ours) == len(theirs)
    assert_same_block(ours, theirs, torch.randn(2, 4, 7, 8))


def test_norm_act_conv_is_the_three_in_a_row():
    theirs = nn.Sequential(nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 6, 3, padding=1, bias=False))
    assert_same_block(NormActConv(4, 6, pool=nn.MaxPool2d(2)), theirs, torch.randn(2, 4, 7, 8))


@pytest.mark.parametrize(
    ("norm", "bias", "expected"), [("batch", None, False), ("none", None, True), ("batch", True, True)]
)
def test_a_bias_stands_where_no_norm_follows(norm, bias, expected):
    block = ConvNormAct(4, 6, style=ConvStyle(norm=norm, bias=bias))
    assert (block.conv.bias is not None) is expected
    assert hasattr(block, "norm") is (norm == "batch")


def test_the_style_reaches_the_norm():
    norm = ConvNormAct(4, 6, style=ConvStyle(norm_eps=1e-3, norm_momentum=0.01)).norm
    assert (norm.eps, norm.momentum) == (1e-3, 0.01)


@pytest.mark.parametrize("act", ["relu", "relu6", "hardswish", "silu"])
def test_the_input_of_a_pre_activation_is_left_alone(act):
    """Without a norm the activation comes first, and would overwrite what the shortcut still needs."""
    x = torch.randn(2, 4, 5, 5)
    before = x.clone()
    ours = NormActConv(4, 6, style=ConvStyle(norm="none", act=act))(x)
    assert torch.equal(x, before)
    assert ours.shape == (2, 6, 5, 5)


def test_same_padding_is_symmetric_at_stride_one():
    """At stride 1 an odd kernel pads alike on both sides under either rule."""
    symmetric, same = ConvNormAct(3, 5), ConvNormAct(3, 5, style=ConvStyle(padding="same"))
    copy_weights(symmetric, same)
    x = torch.randn(2, 3, 6, 7)
    torch.testing.assert_close(symmetric(x), same(x))
    assert isinstance(same.conv, SameConv2d)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 8), "^in_channels: expected at least 1, got 0$"),
        ((8, -8), "^out_channels: expected at least 1, got -8$"),
        ((8, 8, 0), "^kernel_size: expected at least 1, got 0$"),
        ((8, 8, 2), "^kernel_size=2 with dilation=1: expected an odd effective kernel, got 2; an even window shifts"),
        ((8, 8, 3, -1), "^stride: expected at least 1, got -1$"),
        ((8, 8, 3, 0), "^stride: expected at least 1, got 0$"),
    ],
)
@pytest.mark.parametrize("block", [ConvNormAct, NormActConv])
def test_bad_input(block, arguments, message):
    with pytest.raises(ConvwrightError, match=message):
        block(*arguments, style=ConvStyle(norm="none"))


@pytest.mark.parametrize("groups", [3, 0])
def test_bad_groups(groups):
    message = "^groups=3 and 8 to 6 channels clash: expected groups that divide" if groups else "^groups: expected at"
    with pytest.raises(ConvwrightError, match=message):
        ConvNormAct(8, 6, groups=groups)


def test_bad_styles():
    with pytest.raises(ConvwrightError, match=r"^unknown norm 'layer': expected one of batch, none"):
        ConvStyle(norm="layer")
    with pytest.raises(ConvwrightError, match=r"^unknown padding 'valid': expected one of same, symmetric"):
        ConvStyle(padding="valid")
    with pytest.raises(ConvwrightError, match=r"^unknown activation 'rely': .* did you mean relu"):
        ConvNormAct(3, 8, act="rely")
