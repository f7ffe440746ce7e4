"""Each stop is what the layer does there, and the layer's own derivative."""

import pytest
import torch

from convwright.studio.bricks.layers import brick_names, convolution, pooling
from convwright.studio.bricks.walk import walk

X = torch.randint(1, 99, (1, 1, 8, 7), generator=torch.Generator().manual_seed(0)).float()
WINDOWS = (
    {"kernel_size": 3, "stride": 1, "padding": 0},
    {"kernel_size": 3, "stride": 2, "padding": 1},
    {"kernel_size": 2, "stride": 3, "padding": 1},
)


def layer_of(name, **window):
    return convolution("outline", channels=1, **window) if name == "convolution" else pooling(name, **window)


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("name", brick_names())
def test_it_comes_to_what_the_layer_makes(name, window):
    layer = layer_of(name, **window)
    found = walk(layer, X, **window)
    expected = layer(X)[0, 0]
    assert torch.equal(found.output, expected)
    assert [stop.output for stop in found.stops] == expected.flatten().tolist()
    assert len(found.stops[0].values) == window["kernel_size"] ** 2


@pytest.mark.parametrize("window", WINDOWS)
def test_what_lies_under_it_is_what_a_loop_finds(window):
    kernel, stride, padding = window.values()
    padded = torch.nn.functional.pad(X[0, 0], (padding,) * 4, value=torch.nan)
    found = walk(layer_of("max", **window), X, **window)
    width = found.output.shape[1]
    for number, stop in enumerate(found.stops):
        top, left = stride * (number // width), stride * (number % width)
        assert (stop.row, stop.column) == (top - padding, left - padding)
        square = padded[top : top + kernel, left : left + kernel].flatten().tolist()
        assert [value for value in stop.values if value is not None] == [v for v in square if v == v]
        assert max(v for v in square if v == v) == stop.output


def test_gradients_are_weights_shares_or_the_winner():
    window = {"kernel_size": 3, "stride": 2, "padding": 0}
    conv = layer_of("convolution", **window)
    for stop in walk(conv, X, **window).stops:
        assert stop.gradients == pytest.approx(conv.weight.flatten().tolist())
        assert stop.output == pytest.approx(
            sum(v * p for v, p in zip(stop.values, stop.gradients, strict=True)), abs=1e-3
        )
    for stop in walk(layer_of("average", **window), X, **window).stops:
        assert stop.gradients == pytest.approx([1 / 9] * 9)
    for stop in walk(layer_of("max", **window), X, **window).stops:
        assert sorted(stop.gradients) == [0] * 8 + [1]
        assert stop.values[stop.gradients.index(1)] == stop.output


def test_a_dilated_window_skips():
    window = {"kernel_size": 2, "stride": 1, "padding": 0, "dilation": 3}
    stop = walk(layer_of("max", **window), X, **window).stops[0]
    assert stop.values == tuple(X[0, 0][::3, ::3][:2, :2].flatten().tolist())


def test_a_draw_is_not_needed_to_see_it():
    stop = walk(layer_of("stochastic", kernel_size=2, stride=2), X, kernel_size=2, stride=2, padding=0).stops[0]
    assert stop.output == pytest.approx(sum(v * v for v in stop.values) / sum(stop.values))
