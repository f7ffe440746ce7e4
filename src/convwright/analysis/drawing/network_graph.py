"""`network_graph`: an analysis as nodes, nested groups and edges."""

from collections import Counter
from collections.abc import Hashable, Mapping
from math import prod
from typing import Any

from ...graph import Graph, Op, Tensor
from ..facts import Analysis
from ..stages import resolutions
from .branches import Branch, module_calls, with_layers, with_repeats, without_wrappers
from .groups import grouped
from .merges import gating_tensor, merge_kind
from .paths import classified
from .records import GraphEdge, GraphNode, NetworkGraph
from .stage_groups import with_stages

_SETTINGS = ("kernel_size", "stride", "dilation", "groups")


def network_graph(analysis: Analysis) -> NetworkGraph:
    """Return the network as a graph to draw.

    Examples
    --------
    >>> from torch import nn
    >>> from ..analyze import analyze
    >>> net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten(), nn.Linear(7200, 10))
    >>> graph = network_graph(analyze(net.eval(), (1, 3, 32, 32)))
    >>> [node.op or node.kind for node in graph.nodes]
    ['input', 'conv2d', 'batch_norm', 'relu', 'flatten', 'linear', 'output']
    >>> [(group.kind, group.num_ops) for group in graph.groups]
    [('network', 5), ('layer', 3), ('stage', 2)]
    """
    graph = analysis.graph
    nodes = [*_inputs(graph), *_ops(analysis), *_outputs(graph)]
    groups, parents = grouped(_tree(analysis), nodes, analysis)
    placed = tuple(parents.get(node.id, node) for node in nodes)
    return NetworkGraph(
        label=analysis.label,
        unused_parameters=analysis.totals.parameters - sum(row.parameters for row in analysis.ops),
        nodes=placed,
        groups=groups,
        edges=classified({node.id: node for node in placed}, _edges(graph)),
    )


def _tree(analysis: Analysis) -> Branch:
    graph = analysis.graph
    types = {path: row.type for path, row in graph.modules.items()}
    rows = analysis.ops
    image = prod(analysis.fields.image_px) if graph.inputs else 0
    tree = without_wrappers(module_calls(graph), types)
    tree = with_stages(tree, [prod(size) if size else 0 for size in resolutions(rows)], image)
    tree = with_layers(tree, graph, lambda index: bool(rows[index].macs) and bool(rows[index].op.parameters))
    return with_repeats(tree, lambda branch: _signature(branch, graph, types))


def _signature(branch: Branch, graph: Graph, types: Mapping[str, str]) -> Hashable:
    """Return what two neighbors must share to be equal: class, ops with their settings, weights and wiring."""
    indices = list(branch.ops())
    outside: dict[Tensor, int] = {}  # what it reads from other ops, numbered
    ops = tuple(_op_signature(graph.ops[index], indices[0], outside) for index in indices)
    return branch.kind, types.get(branch.path, ""), ops


def _op_signature(op: Op, start: int, outside: dict[Tensor, int]) -> Hashable:
    read: list[Hashable] = []
    for tensor in op.inputs:
        if tensor.producer is not None and tensor.producer >= start:
            read.append(tensor.producer - start)
        elif tensor.role in ("input", "result"):
            read.append(("outside", outside.setdefault(tensor, len(outside)), tensor.shape))
        else:
            read.append((tensor.role, tensor.shape))
    plain = [(name, repr(value)) for name, value in op.args.items() if not _holds_tensor(value)]
    return op.kind, op.module_type, tuple(plain), tuple(read), tuple(tensor.shape for tensor in op.outputs)


def _holds_tensor(value: Any) -> bool:
    return isinstance(value, Tensor) or (isinstance(value, list | tuple) and any(map(_holds_tensor, value)))


def _inputs(graph: Graph) -> list[GraphNode]:
    return [
        GraphNode(id=f"input{i}", kind="input", name=t.name, output_shape=t.shape, output_bytes=t.nbytes)
        for i, t in enumerate(graph.inputs)
    ]


def _outputs(graph: Graph) -> list[GraphNode]:
    return [
        GraphNode(id=f"output{i}", kind="output", name=name, output_shape=t.shape, output_bytes=t.nbytes)
        for i, (name, t) in enumerate(graph.outputs.items())
    ]


def _ops(analysis: Analysis) -> list[GraphNode]:
    graph, nodes = analysis.graph, []
    numbers = Counter((op.path, op.call) for op in graph)
    for facts, saved in zip(analysis.ops, analysis.memory.per_op_saved, strict=True):
        op = facts.op
        row = graph.modules.get(op.path)
        owns = row is not None and row.is_leaf and numbers[op.path, op.call] == 1  # the op is all that the module does
        kind = merge_kind(graph, op)
        nodes.append(
            GraphNode(
                id=f"op{op.index}",
                kind=kind,
                name=op.path.rpartition(".")[2] if owns else op.kind,
                path=op.path,
                type=op.module_type if owns else "",
                op=op.kind,
                num_ops=1,
                uncounted_ops=int(facts.macs is None),
                output_shape=op.output.shape if op.outputs else (),
                map_px=facts.map_px if op.outputs and prod(facts.map_px) > 1 else (),
                parameters=facts.parameters,
                macs=facts.macs or 0,
                flops=facts.flops or 0,
                output_bytes=sum(t.nbytes for t in op.outputs),
                saved_bytes=saved,
                receptive_field_px=facts.receptive_field_px,
                settings={name: op.args[name] for name in _SETTINGS if op.args.get(name) is not None} or None,
                merges={kind: 1} if kind != "op" else None,
                source=str(op.place or ""),
            )
        )
    return nodes


def _edges(graph: Graph) -> list[GraphEdge]:
    makers = {tensor: f"input{i}" for i, tensor in enumerate(graph.inputs)}
    makers |= {tensor: f"op{op.index}" for op in graph for tensor in op.outputs}
    readers = [(f"op{op.index}", tuple(dict.fromkeys(op.inputs))) for op in graph]
    readers += [(f"output{i}", (tensor,)) for i, tensor in enumerate(graph.outputs.values())]
    found: dict[tuple[str, str], list[Tensor]] = {}
    for reader, tensors in readers:
        for tensor in tensors:
            if tensor in makers:
                found.setdefault((makers[tensor], reader), []).append(tensor)
    gating = {(makers.get(gate), f"op{op.index}") for op in graph if (gate := gating_tensor(graph, op)) is not None}
    return [
        GraphEdge(
            source=ends[0],
            target=ends[1],
            tensors=tuple(tensor.id for tensor in read),
            shapes=tuple(tensor.shape for tensor in read),
            kind="gate" if ends in gating else "flow",
        )
        for ends, read in found.items()
    ]
