import pytest
import torch
from torchvision.models.vgg import make_layers

from convwright.errors import ConvwrightError
from convwright.layers import ConvStyle, VGGStage, downsample_names
from reference.peers import assert_same_block


@pytest.mark.parametrize("norm", ["batch", "none"])
@pytest.mark.parametrize("depth", [1, 3])
def test_a_stage_is_torchvisions(norm, depth):
    theirs = make_layers([8] * depth + ["M"], batch_norm=norm == "batch")
    ours = VGGStage(3, 8, depth, style=ConvStyle(norm=norm, bias=True))  # torchvision keeps a bias before the norm
    assert_same_block(ours, theirs, torch.randn(2, 3, 7, 8))


@pytest.mark.parametrize("downsample", downsample_names())
def test_every_downsampling_halves(downsample):
    y = VGGStage(3, 8, 2, downsample).eval()(torch.randn(1, 3, 7, 8))
    assert y.shape == (1, 8, 4 if downsample in ("strided", "blur") else 3, 4)


def test_bad_input():
    with pytest.raises(ConvwrightError, match=r"^depth of a VGG stage: expected at least 1, got 0$"):
        VGGStage(3, 8, 0)
    with pytest.raises(ConvwrightError, match=r"^unknown downsample 'maks'"):
        VGGStage(3, 8, 1, "maks")


def test_a_map_too_small_to_halve_is_named():
    with pytest.raises(ConvwrightError, match=r"^the window is larger than its map: expected at least 2 px .*got 1 px"):
        VGGStage(3, 8, 1).eval()(torch.zeros(1, 3, 1, 4))
