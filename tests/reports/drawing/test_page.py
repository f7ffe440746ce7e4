"""The page: a drawing for each depth, and nothing from elsewhere."""

import re

from analysis.test_drawing import UNet
from convwright.analysis.analyze import analyze
from convwright.analysis.drawing import network_graph, unfolded_to, visible
from convwright.reports.drawing.layout import LayoutEngine
from convwright.reports.drawing.page import drawing_page


def test_there_is_a_drawing_for_each_depth_that_shows_more():
    graph = network_graph(analyze(UNet(), (1, 3, 32, 32), label="<i>net</i>"))
    page = drawing_page(graph, 2, LayoutEngine())
    found = re.findall(r'data-level="(\d+)" data-nodes="(\d+)"', page)
    sizes = {depth: len(visible(graph, unfolded_to(graph, depth)).nodes) for depth in range(1, graph.depth + 1)}
    assert [(int(level), int(nodes)) for level, nodes in found] == [
        (depth, size) for depth, size in sizes.items() if depth <= 2 or size > sizes[depth - 1] or depth == graph.depth
    ]
    assert "<title>&lt;i&gt;net&lt;/i&gt;</title>" in page
    assert "<i>net" not in page
    assert re.findall(r"https?://(?!www\.w3\.org/)", page) == []
    assert re.findall(r"\bsrc=|@import|<link", page) == []
