"""Places of boxes and lines: dagre, run by V8 through mini-racer."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...analysis.drawing import VisibleGraph
from ...extras import needs_extra
from .boxes import Box, title_width

SCRIPTS = (Path(__file__).parent / "dagre" / "dagre.min.js", Path(__file__).parent / "layout.js")
"""What a browser loads to place boxes as this module does: `layoutNetwork(graph)`."""


@dataclass(frozen=True, kw_only=True)
class LineRoute:
    """The way of a tensor between two boxes, or between a box and the border of a frame.

    Attributes
    ----------
    source : str
        Node that makes the tensor.
    targets : tuple of str
        Nodes that read it at the end of the way.
    kind : str
        As of `GraphEdge`.
    has_arrow : bool
        True if it ends at a node.
    ends_beside : bool
        True if it ends at the side of a round node.
    points : tuple of (float, float)
        Where it goes; from the first of each pair to the second it runs straight down.
    """

    source: str
    targets: tuple[str, ...]
    kind: str
    has_arrow: bool
    ends_beside: bool
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Places in px: centers of nodes, corner and size of frames, and lines.

    Attributes
    ----------
    width, height : float
        Size of the drawing.
    nodes : mapping of str to (x, y)
        Centers.
    frames : mapping of str to (x, y, width, height)
        Top left corners and sizes.
    lines : tuple of LineRoute
        Those of a frame together, the outermost last.
    """

    width: float
    height: float
    nodes: Mapping[str, tuple[float, float]]
    frames: Mapping[str, tuple[float, float, float, float]]
    lines: tuple[LineRoute, ...]


class LayoutEngine:
    """V8 with dagre loaded; one engine serves many graphs.

    Raises
    ------
    ConvwrightError
        If mini-racer, of the extra `draw`, is not installed.
    """

    def __init__(self) -> None:
        with needs_extra("draw"):
            from py_mini_racer import MiniRacer
        self._context = MiniRacer()
        for script in SCRIPTS:
            self._context.eval(script.read_bytes().decode())

    def place(self, graph: VisibleGraph, boxes: Mapping[str, Box]) -> Layout:
        """Return the places of the nodes, of the sizes that `boxes` have, and of the frames around them."""
        plain = layout_input(graph, boxes)
        placed = json.loads(str(self._context.eval(f"JSON.stringify(layoutNetwork({json.dumps(plain)}))")))
        return Layout(
            width=placed["width"],
            height=placed["height"],
            nodes={name: (at["x"], at["y"]) for name, at in placed["nodes"].items()},
            frames={name: (at["x"], at["y"], at["width"], at["height"]) for name, at in placed["frames"].items()},
            lines=tuple(_line(line) for line in placed["lines"]),
        )


def layout_input(graph: VisibleGraph, boxes: Mapping[str, Box]) -> dict[str, Any]:
    """Return the argument of `layoutNetwork`; the network itself has no frame."""
    network = graph.graph.network.id

    def outer(parent: str) -> str:
        return "" if parent == network else parent

    return {
        "nodes": [
            {
                "id": node.id,
                "parent": outer(node.parent),
                "width": boxes[node.id].width,
                "height": boxes[node.id].height,
                "round": boxes[node.id].is_round,
            }
            for node in graph.nodes
        ],
        "frames": [
            {"id": frame.id, "parent": outer(frame.parent), "title": title_width(frame)} for frame in graph.frames
        ],
        "edges": [{"source": edge.source, "target": edge.target, "kind": edge.kind} for edge in graph.edges],
    }


def _line(line: Mapping[str, Any]) -> LineRoute:
    return LineRoute(
        source=line["source"],
        targets=tuple(line["targets"]),
        kind=line["kind"],
        has_arrow=line["arrow"],
        ends_beside=line["side"],
        points=tuple((x, y) for x, y in line["points"]),
    )
