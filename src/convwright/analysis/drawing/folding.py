"""Folding: the graph that is seen when some groups are unfolded."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from .paths import classified
from .records import GraphEdge, GraphNode, NetworkGraph

READABLE_NODES = 48  # about as many as a screen shows legibly


@dataclass(frozen=True, kw_only=True)
class VisibleGraph:
    """A graph, partly folded.

    Attributes
    ----------
    graph : NetworkGraph
        The whole graph.
    nodes : tuple of GraphNode
        Ops, inputs, outputs and folded groups, in call order.
    frames : tuple of GraphNode
        Unfolded groups, each before those inside it; the network is not among them.
    edges : tuple of GraphEdge
        Between `nodes`; parallel ones are one edge.
    """

    graph: NetworkGraph
    nodes: tuple[GraphNode, ...]
    frames: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]

    def to_dict(self) -> dict[str, Any]:
        """Nodes, unfolded groups and edges as plain values."""
        return {
            "model": self.graph.label,
            "nodes": [node.to_dict() for node in self.nodes],
            "groups": [frame.to_dict() for frame in self.frames],
            "edges": [edge.to_dict() for edge in self.edges],
        }


def unfolded_to(graph: NetworkGraph, depth: int) -> frozenset[str]:
    """Return the groups to unfold so that `depth` levels are seen: 0 folds everything, 1 shows the stages."""
    return frozenset(group.id for group in graph.groups if group.level < depth)


def default_depth(graph: NetworkGraph, most: int = READABLE_NODES) -> int:
    """Return the largest depth that shows at most `most` nodes, and no op of a layer by itself; 1 at least."""
    layers = [group.level for group in graph.groups if group.kind == "layer"]
    deepest = min(layers, default=graph.depth)
    sizes = [len(visible(graph, unfolded_to(graph, depth)).nodes) for depth in range(1, deepest + 1)]
    return max((depth for depth, size in enumerate(sizes, 1) if size <= most), default=1)


def visible(graph: NetworkGraph, unfolded: Collection[str]) -> VisibleGraph:
    """Return what is seen when these groups are unfolded; a group inside a folded one is not seen."""
    seen: dict[str, str] = {}  # id of the node that stands for a node or group
    for group in graph.groups:
        if group.parent in seen:
            seen[group.id] = seen[group.parent]
        elif group.id not in unfolded:
            seen[group.id] = group.id
    for node in graph.nodes:
        seen[node.id] = seen.get(node.parent, node.id)
    nodes = {name: graph.by_id[name] for name in dict.fromkeys(seen[node.id] for node in graph.nodes)}
    joined: dict[tuple[str, str], list[GraphEdge]] = {}
    for edge in graph.edges:
        ends = seen[edge.source], seen[edge.target]
        if ends[0] != ends[1]:
            joined.setdefault(ends, []).append(edge)
    edges = [_joined(source, target, parts, nodes[target]) for (source, target), parts in joined.items()]
    return VisibleGraph(
        graph=graph,
        nodes=tuple(nodes.values()),
        frames=tuple(group for group in graph.groups[1:] if group.id not in seen),
        edges=classified(nodes, edges),
    )


def _joined(source: str, target: str, parts: list[GraphEdge], reader: GraphNode) -> GraphEdge:
    shapes = {tensor: shape for part in parts for tensor, shape in zip(part.tensors, part.shapes, strict=True)}
    is_gate = reader.kind == "gate" and all(part.kind == "gate" for part in parts)
    return GraphEdge(
        source=source,
        target=target,
        tensors=tuple(shapes),
        shapes=tuple(shapes.values()),
        kind="gate" if is_gate else "flow",
    )
