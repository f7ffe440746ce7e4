"""Words in boxes: what an op is, its shape and its weights."""

import pytest
from torch import nn

from convwright.analysis.analyze import analyze
from convwright.analysis.drawing import network_graph, unfolded_to, visible
from convwright.reports.drawing.boxes import MOST_CHARACTERS, boxes, frame_title, shortened, text_width


def drawn(module, shape, depth):
    graph = network_graph(analyze(module.eval(), shape))
    return graph, boxes(visible(graph, unfolded_to(graph, depth)))


def test_an_op_has_its_settings_shape_and_parameters():
    net = nn.Sequential(
        nn.Conv2d(4, 8, (1, 3), stride=2, groups=4, dilation=2), nn.MaxPool2d(2), nn.Flatten(), nn.ReLU()
    )
    graph, found = drawn(net, (2, 4, 16, 20), 9)
    words = {
        graph.by_id[name].op or graph.by_id[name].kind: (box.title, box.lines, box.color) for name, box in found.items()
    }
    assert words == {
        "input": ("input input", ("4x16x20",), "end"),
        "conv2d": ("Conv2d 1x3 /2 dilation 2 groups 4", ("8x8x8 · 32",), "conv"),  # 8 channels of 1x3 values, and bias
        "max_pool2d": ("MaxPool2d 2x2 /2", ("8x4x4",), "pool"),
        "flatten": ("Flatten", ("128",), "data"),
        "relu": ("ReLU", (), "pointwise"),
        "output": ("output", ("128",), "end"),
    }


def test_a_layer_is_called_by_its_op_with_weights():
    layer = nn.Sequential(nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 4, 1))
    graph, found = drawn(nn.Sequential(layer, nn.Flatten()), (1, 4, 8, 8), 1)
    (box,) = (box for name, box in found.items() if graph.by_id[name].kind == "layer")
    assert (box.title, box.lines, box.color) == ("Conv2d 1x1", ("BatchNorm2d, ReLU", "4x8x8 · 28"), "conv")


class Block(nn.Sequential):
    """A block with a name."""


def test_equal_blocks_are_counted():
    blocks = [Block(nn.Conv2d(4, 4, 1), nn.ReLU(), nn.Conv2d(4, 4, 3, padding=1)) for _ in range(3)]
    graph, found = drawn(nn.ModuleDict({"body": nn.Sequential(*blocks)})["body"], (1, 4, 8, 8), 1)
    (box,) = (box for name, box in found.items() if graph.by_id[name].kind == "repeat")
    assert (box.title, box.lines) == ("Block x 3", ("0-2", f"4x8x8 · {3 * (4 * 4 + 4 + 4 * 4 * 9 + 4)}"))
    (repeat,) = (group for group in graph.groups if group.kind == "repeat")
    assert frame_title(repeat) == "Block x 3"


@pytest.mark.parametrize("text", ["", "a", "x" * 200, "W" * 60, "名前" * 40])
def test_long_names_are_shortened_and_fit(text):
    words = shortened(text)
    assert len(words) <= MOST_CHARACTERS
    assert (words == text) == (len(text) <= MOST_CHARACTERS)
    assert text_width(words, 12) >= 0.3 * 12 * len(words)
