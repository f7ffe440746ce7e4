"""The network as a graph to draw: nodes and edges, nested groups, and the folded graph that is visible."""

from .folding import VisibleGraph, default_depth, unfolded_to, visible
from .network_graph import network_graph
from .records import GraphEdge, GraphNode, NetworkGraph

__all__ = [
    "GraphEdge",
    "GraphNode",
    "NetworkGraph",
    "VisibleGraph",
    "default_depth",
    "network_graph",
    "unfolded_to",
    "visible",
]
