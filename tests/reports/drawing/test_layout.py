"""Places: boxes lie apart and inside their frames, lines begin and end at boxes or borders."""

import sys
from itertools import combinations

import pytest
from torch import nn

from analysis.conftest import build
from analysis.test_drawing import Twice, UNet
from convwright.analysis.analyze import analyze
from convwright.analysis.drawing import network_graph, unfolded_to, visible
from convwright.errors import ConvwrightError
from convwright.reports.drawing.boxes import boxes
from convwright.reports.drawing.layout import LayoutEngine

NETS = {
    "resnet18": lambda: (build("torchvision:resnet18"), (1, 3, 224, 224)),
    "googlenet": lambda: (build("torchvision:googlenet"), (1, 3, 224, 224)),
    "unet": lambda: (UNet(), (1, 3, 32, 32)),
    "twice": lambda: (Twice(), [(1, 4, 8, 8), (1, 4, 8, 8)]),
    "one": lambda: (nn.Conv2d(3, 4, 3), (1, 3, 8, 8)),
}


@pytest.fixture(scope="module")
def engine():
    return LayoutEngine()


def sides(name, layout, drawn):
    """Left, top, right and bottom of a node or frame."""
    if name in layout.frames:
        x, y, width, height = layout.frames[name]
        return x, y, x + width, y + height
    (x, y), box = layout.nodes[name], drawn[name]
    return x - box.width / 2, y - box.height / 2, x + box.width / 2, y + box.height / 2


def is_inside(inner, outer, slack=0.01):
    return all(a >= b - slack for a, b in zip(inner[:2], outer[:2], strict=True)) and all(
        a <= b + slack for a, b in zip(inner[2:], outer[2:], strict=True)
    )


@pytest.mark.parametrize("name", NETS)
def test_nothing_overlaps_and_everything_is_in_its_frame(engine, name):
    graph = network_graph(analyze(*NETS[name]()))
    for depth in range(graph.depth + 1):
        seen = visible(graph, unfolded_to(graph, depth))
        drawn = boxes(seen)
        layout = engine.place(seen, drawn)
        members = {}
        for node in (*seen.nodes, *seen.frames):
            members.setdefault(node.parent if node.parent != graph.network.id else "", []).append(node.id)
        whole = (0, 0, layout.width, layout.height)
        for parent, children in members.items():
            around = sides(parent, layout, drawn) if parent else whole
            assert all(is_inside(sides(child, layout, drawn), around) for child in children)
            for first, second in combinations(children, 2):
                a, b = sides(first, layout, drawn), sides(second, layout, drawn)
                assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1], (first, second)


@pytest.mark.parametrize("name", NETS)
def test_each_edge_is_a_way_from_box_to_box(engine, name):
    graph = network_graph(analyze(*NETS[name]()))
    for depth in (1, 2, graph.depth):
        seen = visible(graph, unfolded_to(graph, depth))
        drawn = boxes(seen)
        layout = engine.place(seen, drawn)
        ways = {}
        for line in layout.lines:
            assert is_inside((*map(min, zip(*line.points, strict=True)),) * 2, (0, 0, layout.width, layout.height))
            for target in line.targets:
                ways.setdefault((line.source, target), []).append(line.points)
        assert set(ways) == {(edge.source, edge.target) for edge in seen.edges}
        for (source, target), pieces in ways.items():
            points = {(round(x, 3), round(y, 3)) for piece in pieces for x, y in (piece[0], piece[-1])}
            joints = [p for p in points if sum(_near(p, piece[0]) + _near(p, piece[-1]) for piece in pieces) == 1]
            assert len(joints) == 2, "the pieces of a way touch at the borders of frames"
            start, end = sorted(joints, key=lambda p: p[1])
            assert _touches(start, sides(source, layout, drawn))
            assert _touches(end, sides(target, layout, drawn))


def _near(first, second):
    return abs(first[0] - second[0]) < 0.02 and abs(first[1] - second[1]) < 0.02


def _touches(point, box):
    x, y = point
    return box[0] - 0.1 <= x <= box[2] + 0.1 and box[1] - 0.1 <= y <= box[3] + 0.1


def test_the_main_line_runs_straight_down_and_skips_run_beside_it(engine):
    graph = network_graph(analyze(UNet(), (1, 3, 32, 32)))
    for depth in range(1, graph.depth + 1):
        seen = visible(graph, unfolded_to(graph, depth))
        lines = engine.place(seen, boxes(seen)).lines
        (column,) = {round(x, 1) for line in lines if line.kind == "flow" for x, _ in line.points}
        skips = [line for line in lines if line.kind == "skip"]
        assert skips
        assert all(max(abs(x - column) for x, _ in line.points) > 0 for line in skips)


def test_a_layout_is_the_same_every_time(engine):
    seen = visible(graph := network_graph(analyze(UNet(), (1, 3, 32, 32))), unfolded_to(graph, 3))
    drawn = boxes(seen)
    assert engine.place(seen, drawn) == engine.place(seen, drawn) == LayoutEngine().place(seen, drawn)


def test_the_missing_engine_is_a_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "py_mini_racer", None)
    with pytest.raises(ConvwrightError, match=r"py_mini_racer is not installed.*pip install 'convwright\[draw\]'"):
        LayoutEngine()
