"""Groups of a drawing: the tree of branches with the sums of what is in each."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import count

from ..facts import Analysis
from .branches import Branch
from .records import MERGES, GraphNode


def grouped(
    root: Branch, nodes: Sequence[GraphNode], analysis: Analysis
) -> tuple[tuple[GraphNode, ...], dict[str, GraphNode]]:
    """Return the groups, outer ones first, and the ops by id with the groups they are in."""
    builder = _GroupBuilder({node.id: node for node in nodes}, analysis)
    builder.add(root, parent="", level=0)
    lowest = 1 + max((g.level for g in builder.groups if g.kind != "layer"), default=0)
    # Layers open last, and all together.
    groups = tuple(replace(g, level=lowest) if g.kind == "layer" else g for g in builder.groups)
    return groups, builder.placed


class _GroupBuilder:
    def __init__(self, nodes: Mapping[str, GraphNode], analysis: Analysis) -> None:
        self.nodes = nodes
        self.label = analysis.label
        self.types = {path: row.type for path, row in analysis.graph.modules.items()}
        self.groups: list[GraphNode] = []
        self.placed: dict[str, GraphNode] = {}
        self._numbers = count()

    def add(self, branch: Branch, *, parent: str, level: int) -> GraphNode:
        """Add the group of a branch and all inside, and return it."""
        name = f"group{next(self._numbers)}"
        place = len(self.groups)
        self.groups.append(GraphNode(id=name, kind=branch.kind, name=""))  # outer ones first
        inner_level = level if branch.kind == "repeat" else level + 1
        inside: list[GraphNode] = []
        for child in branch.children:
            if isinstance(child, Branch):
                inside.append(self.add(child, parent=name, level=inner_level))
            else:
                node = replace(self.nodes[f"op{child}"], parent=name, level=inner_level)
                self.placed[node.id] = node
                inside.append(node)
        self.groups[place] = self._group(branch, inside, name=name, parent=parent, level=level)
        return self.groups[place]

    def _group(self, branch: Branch, inside: Sequence[GraphNode], *, name: str, parent: str, level: int) -> GraphNode:
        last = inside[-1] if inside else None
        merges = Counter[str]()
        for node in inside:
            merges.update(node.merges or {})
        return GraphNode(
            id=name,
            kind=branch.kind,
            name=self._name(branch, inside),
            path=branch.path,
            type=self.types.get(branch.path, "") if branch.path or branch.kind == "network" else "",
            parent=parent,
            level=level,
            children=tuple(node.id for node in inside),
            repeats=len(inside) if branch.kind == "repeat" else 1,
            num_ops=sum(node.num_ops for node in inside),
            uncounted_ops=sum(node.uncounted_ops for node in inside),
            output_shape=last.output_shape if last else (),
            map_px=next((node.map_px for node in reversed(inside) if node.map_px), ()),
            parameters=sum(node.parameters for node in inside),
            macs=sum(node.macs for node in inside),
            flops=sum(node.flops for node in inside),
            output_bytes=last.output_bytes if last else 0,
            saved_bytes=sum(node.saved_bytes for node in inside),
            receptive_field_px=last.receptive_field_px if last else None,
            merges={kind: merges[kind] for kind in MERGES if merges[kind]} or None,
        )

    def _name(self, branch: Branch, inside: Sequence[GraphNode]) -> str:
        """Return the path's last part; of members that share a parent also the last member's, as in "1-3"."""
        if branch.kind == "network":
            return self.label
        if branch.kind == "repeat" and inside:
            first, last = inside[0].name, inside[-1].name
            return first if first == last else f"{first}-{last}"
        if branch.path:
            return branch.path.rpartition(".")[2]
        heads = [node for node in inside if node.macs] or inside
        return heads[0].name if branch.kind == "layer" and heads else ""
