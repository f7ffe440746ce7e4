"""The SVG: well-formed, everything in it, and nothing of a user's names taken for markup."""

import re
import xml.etree.ElementTree as ElementTree

import pytest
from torch import nn

from analysis.test_drawing import UNet
from convwright.analysis.analyze import analyze
from convwright.analysis.drawing import network_graph, unfolded_to, visible
from convwright.reports.drawing.layout import LayoutEngine
from convwright.reports.drawing.svg import drawing, hover

NAME = "{http://www.w3.org/2000/svg}"
BAD = "</title><script>alert(1)</script>&\"'"


@pytest.fixture(scope="module")
def engine():
    return LayoutEngine()


def svg_of(module, shape, engine, depth=9, label="net"):
    graph = network_graph(analyze(module.eval(), shape, label=label))
    seen = visible(graph, unfolded_to(graph, depth))
    return graph, seen, ElementTree.fromstring(str(drawing(seen, engine)))


def test_every_node_frame_and_line_is_drawn(engine):
    _, seen, root = svg_of(UNet(), (1, 3, 32, 32), engine)
    ids = [element.get("data-id") for element in root.iter(f"{NAME}g") if element.get("data-id")]
    assert sorted(ids) == sorted(node.id for node in (*seen.nodes, *seen.frames))
    lines = [path.get("class") for path in root.iter(f"{NAME}path")]
    assert lines.count("line skip") >= 3  # the decoder's, in pieces, and the legend's
    assert sum(polygon.get("class") == "tip skip" for polygon in root.iter(f"{NAME}polygon")) == 3
    assert [element.text for element in root.iter(f"{NAME}text") if element.text == "∥"] == [
        "∥"
    ] * 4  # and the legend's


def test_the_totals_and_the_numbers_of_a_node_are_those_of_the_graph(engine):
    graph, _, root = svg_of(UNet(), (1, 3, 32, 32), engine)
    texts = [element.text for element in root.iter(f"{NAME}text")]
    assert texts[0] == "net"
    assert texts[1].endswith("input 1x3x32x32")
    first = graph.by_id["op0"]
    assert f"parameters: {3 * 8 * 9 + 8}\nMACs: {8 * 32 * 32 * 27:,}\n" in hover(first)
    assert hover(first) in [element.text for element in root.iter(f"{NAME}title")]


def test_names_are_words_and_no_markup(engine):
    net = nn.Sequential()
    net.add_module("<b>&", nn.Conv2d(3, 3, 1))
    bad = type(BAD, (nn.Sequential,), {})
    net.add_module("a\"'", bad(nn.Conv2d(3, 4, 1), nn.Conv2d(4, 4, 3)))
    for depth in (1, 2, 9):
        _, _, root = svg_of(net, (1, 3, 8, 8), engine, depth=depth, label=BAD)
        assert not list(root.iter(f"{NAME}script"))
        assert BAD in [element.text for element in root.iter(f"{NAME}text")]


def test_it_is_light_and_dark_and_no_text_is_cut(engine):
    graph, seen, root = svg_of(UNet(), (1, 3, 32, 32), engine)
    style = next(root.iter(f"{NAME}style")).text
    assert "prefers-color-scheme: dark" in style
    light, dark = style.split("@media")[0], style.split("@media")[1].split("}\n}")[0]
    assert set(re.findall(r"(--[\w-]+):", light)) == set(re.findall(r"(--[\w-]+):", dark))
    assert set(re.findall(r"var\((--[\w-]+)\)", style)) <= set(re.findall(r"(--[\w-]+):", light))
    assert graph.network.macs
    assert seen.edges
