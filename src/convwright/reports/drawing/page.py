"""The drawing of a network as one HTML page: it can be moved, zoomed and unfolded, offline."""

from ...analysis.drawing import NetworkGraph, VisibleGraph, unfolded_to, visible
from ..to_html import render
from .layout import LayoutEngine
from .svg import drawing

MOST_NODES = 1500  # of one drawing: more are slow to move in a browser


def drawing_page(graph: NetworkGraph, depth: int, engine: LayoutEngine) -> str:
    """Return the page with a drawing for each depth, of which `depth` is shown first."""
    drawings: list[tuple[int, VisibleGraph]] = []
    for level in range(1, graph.depth + 1):
        seen = visible(graph, unfolded_to(graph, level))
        if level > depth and len(seen.nodes) > MOST_NODES:
            break
        if level == graph.depth or level <= depth or len(seen.nodes) > len(drawings[-1][1].nodes):
            drawings.append((level, seen))
    return render(
        "drawing.html.j2",
        title=graph.label,
        drawings=[(level, len(seen.nodes), drawing(seen, engine)) for level, seen in drawings],
        shown=min(depth, drawings[-1][0]),
    )
