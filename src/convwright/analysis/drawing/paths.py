"""Kinds of edges, by the paths beside them: an edge that another path goes around is a skip."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from .records import GraphEdge, GraphNode


def classified(nodes: Mapping[str, GraphNode], edges: Sequence[GraphEdge]) -> tuple[GraphEdge, ...]:
    """Return the edges with their kinds, by source; `nodes` are in an order in which every edge leads forward."""
    position = {name: number for number, name in enumerate(nodes)}
    sources: dict[str, list[str]] = {name: [] for name in nodes}
    for edge in edges:
        sources[edge.target].append(edge.source)
    above: dict[str, int] = {}  # sets of ancestors, a bit for each node: 1,000 nodes are compared at once
    for name in nodes:
        reach = 0
        for source in sources[name]:
            reach |= above[source] | 1 << position[source]
        above[name] = reach
    found = []
    for edge in edges:
        others = (above[other] for other in sources[edge.target] if other != edge.source)
        is_passed = any(reach >> position[edge.source] & 1 for reach in others)
        kind = edge.kind
        if kind == "flow" and is_passed and nodes[edge.target].kind != "gate":
            kind = "skip"
        found.append(replace(edge, kind=kind))
    return tuple(sorted(found, key=lambda edge: (position[edge.source], position[edge.target])))
