"""Records of the graph to draw: nodes, groups of them, and edges."""

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal

NodeKind = Literal["input", "output", "op", "add", "concat", "gate", "layer", "module", "repeat", "stage", "network"]
EdgeKind = Literal["flow", "skip", "gate"]
MERGES = ("add", "concat", "gate")


@dataclass(frozen=True, kw_only=True)
class GraphNode:
    """One traced op, one input or output of the network, or a group of nodes.

    Attributes
    ----------
    id : str
        Unique in the graph.
    kind : str
        Of an op, "add", "concat" or "gate" if it merges branches, else "op". Of a group, "layer" (an op with weights,
        and the normalization and activation around it), "module", "repeat" (equal neighbors), "stage" (neighbors at one
        resolution) or "network".
    name, path, type : str
        Last part of the module's path, the whole path, and the class of the module; "" where there is none.
    op : str
        Canonical name of the traced op; "" for groups, inputs and outputs.
    parent : str
        Group that it is in; "" for the network itself, inputs and outputs.
    level : int
        Number of groups to unfold before it is seen. The members of a repeat are on the level of the repeat, and
        layers are on the lowest level of all, so that a depth shows the same things everywhere.
    children : tuple of str
        What the group holds, in call order; () for others.
    repeats : int
        Number of equal members of a repeat; 1 for others.
    num_ops, uncounted_ops : int
        Traced ops in it, and those of them whose MACs no rule knows.
    output_shape : tuple of int
        Of the first result of the last op; () if it makes no tensor.
    map_px : tuple of int
        Size of the last map that is more than one position; () where there is none.
    parameters, macs, flops : int
        Sums over its ops; parameters are counted where they are first read.
    output_bytes, saved_bytes : int
        Memory of its output, and what its ops are the first to keep for the backward pass.
    receptive_field_px : tuple of int, optional
        Of its output, for each image axis.
    settings : dict
        Kernel size, stride, dilation and groups of an op that has them.
    merges : dict of str to int
        Number of additions, concatenations and gates in a group.
    source : str
        Line of the call; "" for groups.
    """

    id: str
    kind: NodeKind
    name: str
    path: str = ""
    type: str = ""
    op: str = ""
    parent: str = ""
    level: int = 0
    children: tuple[str, ...] = ()
    repeats: int = 1
    num_ops: int = 0
    uncounted_ops: int = 0
    output_shape: tuple[int, ...] = ()
    map_px: tuple[int, ...] = ()
    parameters: int = 0
    macs: int = 0
    flops: int = 0
    output_bytes: int = 0
    saved_bytes: int = 0
    receptive_field_px: tuple[int, ...] | None = None
    settings: dict[str, Any] | None = None
    merges: dict[str, int] | None = None
    source: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The node as plain values."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class GraphEdge:
    """The tensors that one node makes and another reads.

    Attributes
    ----------
    source, target : str
        Ids of the nodes.
    tensors : tuple of int
        Ids of the tensors in the traced graph.
    shapes : tuple of tuple of int
        Their shapes.
    kind : str
        "skip" if another path leads from source to target, "gate" for the factor that scales the other input of a
        gate, else "flow".
    """

    source: str
    target: str
    tensors: tuple[int, ...]
    shapes: tuple[tuple[int, ...], ...]
    kind: EdgeKind = "flow"

    def to_dict(self) -> dict[str, Any]:
        """The edge as plain values."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class NetworkGraph:
    """A traced network with its edges, and the groups that it can be folded to.

    Attributes
    ----------
    label : str
        Name of the network in reports.
    unused_parameters : int
        Elements of parameters that no op reads.
    nodes : tuple of GraphNode
        Inputs, ops in call order, outputs.
    groups : tuple of GraphNode
        The network first, each group before the groups inside it.
    edges : tuple of GraphEdge
        Between `nodes`, by source in the order of `nodes`.
    """

    label: str
    unused_parameters: int
    nodes: tuple[GraphNode, ...]
    groups: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]

    @cached_property
    def by_id(self) -> dict[str, GraphNode]:
        """Nodes and groups by id."""
        return {node.id: node for node in (*self.groups, *self.nodes)}

    @property
    def network(self) -> GraphNode:
        """The group of everything."""
        return self.groups[0]

    @property
    def depth(self) -> int:
        """Smallest depth at which everything is unfolded."""
        return 1 + max(group.level for group in self.groups)

    def to_dict(self) -> dict[str, Any]:
        """The graph as plain values."""
        return {
            "model": self.label,
            "unused_parameters": self.unused_parameters,
            "nodes": [node.to_dict() for node in self.nodes],
            "groups": [group.to_dict() for group in self.groups],
            "edges": [edge.to_dict() for edge in self.edges],
        }
