"""The graph of a network in the language of Graphviz."""

from collections.abc import Iterator

from ...analysis.drawing import GraphNode, VisibleGraph
from .boxes import Box, boxes, frame_title

_STYLES = {"flow": "", "skip": ' [color="#d55e00", constraint=false]', "gate": " [style=dashed]"}


def as_dot(graph: VisibleGraph) -> str:
    """Return a directed graph with a cluster for each unfolded group."""
    drawn = boxes(graph)
    inside: dict[str, list[GraphNode]] = {}
    for node in (*graph.frames, *graph.nodes):
        inside.setdefault(node.parent, []).append(node)
    lines = [f"digraph {_quoted(graph.graph.label)} {{", '  node [shape=box, style="rounded,filled", fillcolor=white];']
    lines += _members("", inside, drawn, "  ")
    lines += _members(graph.graph.network.id, inside, drawn, "  ")
    lines += [f"  {_quoted(edge.source)} -> {_quoted(edge.target)}{_STYLES[edge.kind]};" for edge in graph.edges]
    return "\n".join([*lines, "}"]) + "\n"


def _members(parent: str, inside: dict[str, list[GraphNode]], drawn: dict[str, Box], indent: str) -> Iterator[str]:
    for node in inside.get(parent, ()):
        if node.id in drawn:
            box = drawn[node.id]
            shape = ", shape=circle" if box.is_round else ""
            yield f"{indent}{_quoted(node.id)} [label={_quoted(chr(10).join((box.title, *box.lines)))}{shape}];"
        else:
            yield f"{indent}subgraph {_quoted(f'cluster_{node.id}')} {{"
            yield f"{indent}  label={_quoted(frame_title(node))};"
            yield from _members(node.id, inside, drawn, indent + "  ")
            yield f"{indent}}}"


def _quoted(text: str) -> str:
    """Return a string of DOT, with backslashes, quotes and ends of lines escaped."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
