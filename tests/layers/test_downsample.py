import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from convwright.errors import ConvwrightError
from convwright.layers import ConvNormAct, Downsample, downsample_names, poolings
from convwright.layers.downsample import BlockOptions, halving_pool
from reference.peers import copy_weights

POOLED = [name for name in downsample_names() if name != "strided"]


def test_every_pooling_that_halves_has_a_name():
    assert set(POOLED) == {name for name, row in poolings().items() if row.halve}
    assert {"average", "blur", "gated", "gem", "lp", "max", "mixed", "stochastic"} <= set(POOLED)
    assert "global_average" not in POOLED


@pytest.mark.parametrize("kind", downsample_names())
@given(size=st.tuples(st.integers(2, 12), st.integers(2, 12)), training=st.booleans())
def test_every_kind_halves_and_rounds_up(kind, size, training):
    y = Downsample(3, 4, kind).train(training)(torch.randn(2, 3, *size))
    assert y.shape == (2, 4, (size[0] + 1) // 2, (size[1] + 1) // 2)


@pytest.mark.parametrize("kind", POOLED)
@pytest.mark.parametrize("size", [6, 7])
def test_pooled_kinds_round_down_when_told(kind, size):
    y = Downsample(3, 4, kind, ceil_mode=False).eval()(torch.randn(1, 3, size, size))
    assert y.shape[-1] == ((size + 1) // 2 if poolings()[kind].always_rounds_up else size // 2)


@pytest.mark.parametrize("kind", POOLED)
def test_the_smallest_map(kind):
    """A map of one pixel is kept, as by a strided convolution, unless the pooling's row asks for a larger one."""
    layer, smallest = Downsample(3, 4, kind).eval(), poolings()[kind].smallest_map_px
    size = (smallest + 1) // 2
    assert layer(torch.randn(1, 3, smallest, smallest)).shape == (1, 4, size, size)
    if smallest > 1:
        with pytest.raises(ConvwrightError, match=f"expected .*at least {smallest} px.*, got {smallest - 1}"):
            layer(torch.randn(1, 3, smallest - 1, smallest - 1))


@pytest.mark.parametrize("kind", POOLED)
def test_every_kind_has_the_same_convolution(kind):
    strided, pooled = Downsample(4, 6, groups=2), Downsample(4, 6, kind, groups=2)
    shapes = [
        {name: p.shape for name, p in layer.named_parameters() if not name.startswith("pool.")}
        for layer in (strided, pooled)
    ]
    assert shapes[0] == shapes[1]
    assert (strided.conv.stride, pooled.conv.stride) == ((2, 2), (1, 1))


@pytest.mark.parametrize("kind", POOLED)
def test_a_pooled_kind_is_a_convolution_and_then_its_pool(kind):
    """In this order a pool sees what an activation made non-negative, as stochastic pooling needs."""
    layer = Downsample(3, 4, kind).eval()
    conv = ConvNormAct(3, 4).eval()
    conv.load_state_dict({key: value for key, value in layer.state_dict().items() if not key.startswith("pool.")})
    x = torch.randn(2, 3, 7, 8)
    torch.testing.assert_close(layer(x), halving_pool(kind).eval()(conv(x)))


def test_a_strided_kind_is_a_strided_convolution():
    layer, conv = Downsample(3, 4, kernel_size=5), ConvNormAct(3, 4, 5, 2)
    copy_weights(conv, layer)
    x = torch.randn(2, 3, 7, 8)
    torch.testing.assert_close(layer(x), conv(x))


def test_a_block_convolution_is_plain_or_halves():
    options = BlockOptions(downsample="max")
    assert type(options.conv(3, 4, 3, 1)) is ConvNormAct
    assert isinstance(options.conv(3, 4, 3, 2).pool, nn.MaxPool2d)
    with pytest.raises(ConvwrightError, match=r"^stride of a block: expected 1 or 2, got 4$"):
        options.conv(3, 4, 3, 4)


def test_bad_input():
    with pytest.raises(ConvwrightError, match=r"^unknown downsample 'strded': .*did you mean strided\?$"):
        Downsample(3, 4, "strded")
    with pytest.raises(ConvwrightError, match=r"^unknown downsample 'strided': expected one of "):
        halving_pool("strided")
    with pytest.raises(ConvwrightError, match=r"^unknown downsample 'global_average'"):
        Downsample(3, 4, "global_average")
