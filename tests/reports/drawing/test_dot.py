"""DOT: the nodes, clusters and edges of the graph, with names quoted."""

import re

from torch import nn

from analysis.test_drawing import UNet
from convwright.analysis.analyze import analyze
from convwright.analysis.drawing import network_graph, unfolded_to, visible
from convwright.reports.drawing.dot import as_dot


def test_nodes_clusters_and_edges_are_those_of_the_graph():
    graph = network_graph(analyze(UNet(), (1, 3, 32, 32)))
    for depth in (0, 1, 2, graph.depth):
        seen = visible(graph, unfolded_to(graph, depth))
        text = as_dot(seen)
        assert re.findall(r'^ *"(\w+)" \[label', text, re.MULTILINE) != []
        assert set(re.findall(r'^ *"(\w+)" \[label', text, re.MULTILINE)) == {node.id for node in seen.nodes}
        assert set(re.findall(r'subgraph "cluster_(\w+)"', text)) == {frame.id for frame in seen.frames}
        assert re.findall(r'^ *"(\w+)" -> "(\w+)"', text, re.MULTILINE) == [(e.source, e.target) for e in seen.edges]
        assert text.count("{") == text.count("}")


def test_names_are_quoted():
    graph = network_graph(analyze(nn.Conv2d(3, 4, 1), (1, 3, 8, 8), label='a "b" \\ c\nd'))
    assert as_dot(visible(graph, set())).startswith('digraph "a \\"b\\" \\\\ c\\nd" {')
