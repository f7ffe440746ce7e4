import pytest
import torch
import torch.nn.functional as F
from torch import nn

from convwright.errors import ConvwrightError
from convwright.layers import SHORTCUTS, ConvStyle, PaddedShortcut, ProjectionShortcut, shortcut
from reference.peers import assert_same_block


@pytest.mark.parametrize("kind", SHORTCUTS)
def test_an_unchanged_shape_keeps_the_input(kind):
    layer = shortcut(8, 8, 1, kind=kind)
    assert layer is None if kind == "none" else isinstance(layer, nn.Identity)


@pytest.mark.parametrize("size", [1, 6, 7])
def test_a_skips_pixels_and_adds_zeros(size):
    x = torch.randn(2, 3, size, size)
    y = shortcut(3, 5, 2, kind="A")(x)
    torch.testing.assert_close(y[:, :3], F.avg_pool2d(x, 1, 2))
    assert y.shape == (2, 5, -(-size // 2), -(-size // 2))
    assert not y[:, 3:].any()


def test_b_is_a_strided_projection():
    theirs = nn.Sequential(nn.Conv2d(3, 5, 1, 2, bias=False), nn.BatchNorm2d(5))
    assert_same_block(shortcut(3, 5, 2, kind="B"), theirs, torch.randn(2, 3, 7, 8))


def test_d_averages_before_it_projects():
    """He et al. 2019, "Bag of tricks", figure 2c; a border without a partner counts by itself."""
    pool = nn.AvgPool2d(2, 2, ceil_mode=True, count_include_pad=False)
    theirs = nn.Sequential(pool, nn.Conv2d(3, 5, 1, bias=False), nn.BatchNorm2d(5))
    assert_same_block(shortcut(3, 5, 2, kind="D"), theirs, torch.randn(2, 3, 7, 8))


def test_d_uses_every_pixel_and_b_one_of_four():
    for kind, share in (("B", 0.25), ("D", 1.0)):
        x = torch.randn(1, 3, 8, 8, requires_grad=True)
        shortcut(3, 5, 2, kind=kind, norm=False)(x).sum().backward()
        assert (x.grad != 0).all(1).float().mean().item() == share


def test_without_a_norm_there_is_only_a_convolution():
    layer = shortcut(3, 5, 1, norm=False)
    assert [name for name, _ in layer.named_children()] == ["conv"]
    assert layer.conv.bias is None


def test_a_bias_replaces_the_norm_of_a_style_without():
    assert shortcut(3, 5, 1, style=ConvStyle(norm="none")).conv.bias is not None
    assert isinstance(shortcut(3, 5, 1), ProjectionShortcut)


def test_bad_input():
    with pytest.raises(ConvwrightError, match=r"^unknown shortcut 'C': expected one of A, B, D, none"):
        shortcut(8, 16, 2, kind="C")
    with pytest.raises(
        ConvwrightError, match=r"^shortcut='A' from 16 to 8 channels: expected at least as many .* shortcut='B'"
    ):
        PaddedShortcut(16, 8, 1)
    with pytest.raises(ConvwrightError, match=r"^stride: expected at least 1, got -2$"):
        shortcut(8, 16, -2, kind="A")
