"""Bricks are found in the folder of layers, and answer to the knobs that they know."""

import pytest
import torch
from torch import nn

from convwright.errors import ConvwrightError
from convwright.layers import poolings
from convwright.layers.brick import Pooling
from convwright.layers.pooling._window import WindowPool2d
from convwright.studio.bricks import layers as room
from convwright.studio.bricks.layers import (
    CONVOLUTION,
    applied,
    brick_names,
    convolution,
    features,
    formula_of,
    max_then_blur,
    pooling,
    takes,
    window_poolings,
)

X = torch.rand(1, 3, 12, 13, generator=torch.Generator().manual_seed(0))


def test_all_poolings_with_a_window_are_there():
    assert set(brick_names()) == {CONVOLUTION, *poolings()} - {"global_average"}


def test_a_new_one_is_there_at_once(monkeypatch):
    class Least(WindowPool2d):
        def pool(self, x):
            return -self.maximum(-x)

    brick = Pooling(layer=Least, examples={}, formula="min(x)", best_for="", downside="")
    monkeypatch.setattr(room, "poolings", lambda: {**poolings(), "least": brick})
    window_poolings.cache_clear()
    try:
        assert takes("least") == ("kernel_size", "stride", "padding")
        assert formula_of("least") == "min(x)"
        found = pooling("least", kernel_size=2, stride=1, padding=0, dilation=3, p=2.0)(X)
        assert torch.equal(found, -nn.functional.max_pool2d(-X, 2, 1))
    finally:
        window_poolings.cache_clear()


def test_knobs_reach_the_layer():
    assert pooling("mixed", kernel_size=2, stride=2, padding=0, mix=0.25).mix == 0.25
    assert pooling("lp", kernel_size=2, stride=2, padding=0, p=4.0).start == 4.0
    assert pooling("max", kernel_size=2, stride=2, padding=0, dilation=3).dilation == 3
    assert not pooling("stochastic", kernel_size=2).training


def test_a_convolution_filters_each_color_alone():
    layer = convolution("outline", 3, stride=2, padding=1, dilation=2)
    whole = layer(X)
    for channel in range(3):
        alone = nn.functional.conv2d(X[:, channel : channel + 1], layer.weight[:1], None, 2, 1, 2)
        assert torch.allclose(whole[:, channel : channel + 1], alone, atol=1e-6)
    assert features("leave as it is")(X).equal(X[..., 1:-1, 1:-1])


def test_max_then_blur_is_both():
    inner = nn.functional.max_pool2d(X, 2, 1)
    taps = torch.outer(torch.tensor([1.0, 2, 1]), torch.tensor([1.0, 2, 1])).expand(3, 1, 3, 3) / 16
    assert torch.allclose(max_then_blur(2, 2)(X), nn.functional.conv2d(inner, taps, stride=2, groups=3), atol=1e-6)


def test_what_torch_refuses_is_a_sentence():
    with pytest.raises(ConvwrightError, match="this window does not work: pad should be at most half"):
        applied(pooling("max", kernel_size=2, stride=1, padding=2), X)
    with pytest.raises(ConvwrightError, match="padding of at most half the kernel"):
        pooling("lp", kernel_size=2, stride=1, padding=2)
