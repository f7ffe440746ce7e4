"""Graphs of a network in its mode and in train mode, of which its training memory is: one trace where that tells."""

from dataclasses import replace
from types import MappingProxyType

from torch import nn

from convwright.errors import ConvwrightError
from convwright.graph import Graph, Op, trace
from convwright.graph.inputs import Inputs
from convwright.graph.modes import in_mode
from convwright.graph.trace import trace_with_drops


def graphs_of_modes(model: nn.Module, inputs: Inputs, *, values: bool) -> tuple[Graph, Graph, str]:
    """Return the graph of a call, that of the same call in train mode, and why there is none: "" if there is.

    Parameters
    ----------
    values : bool
        As for `graph.trace`.

    Examples
    --------
    >>> net = nn.Sequential(nn.Linear(4, 4), nn.Dropout()).eval()
    >>> graph, training, _ = graphs_of_modes(net, (1, 4), values=True)
    >>> graph.ops[1].args["training"], training.ops[1].args["training"]
    (False, True)
    """
    graph, dropped = trace_with_drops(model, inputs, values=values)
    if graph.modules[""].training:
        return graph, graph, ""
    if dropped and not dropped.depends_on_mode and all(type(each).train is nn.Module.train for each in model.modules()):
        training = _with_batch_statistics(dropped)
        if not _fails(training, beside_torch=dropped is graph):
            return graph, training, ""
    try:
        with in_mode(model, training=True):
            return graph, trace(model, inputs, values=values), ""
    except ConvwrightError as error:
        return graph, graph, f"in train mode the network fails ({error.problem})"


def per_op_of(graph: Graph, training: Graph, column: tuple[int, ...]) -> tuple[int, ...]:
    """Return a column of a graph of train mode for the ops of another mode; 0 for those that train mode has not.

    Ops correspond by kind, module, call of the module, and their order there.
    """
    if training is graph:
        return column
    values: dict[tuple[str, str, int], list[int]] = {}
    for op, value in zip(reversed(training.ops), reversed(column), strict=True):
        values.setdefault((op.kind, op.path, op.call), []).append(value)
    return tuple([found.pop() if (found := values.get((op.kind, op.path, op.call))) else 0 for op in graph.ops])


def _with_batch_statistics(graph: Graph) -> Graph:
    """Return a graph in eval mode with its batch norms in train mode, which differ in nothing else."""
    if not any(op.kind == "batch_norm" for op in graph.ops):
        return graph
    return replace(graph, ops=tuple([_training(op) if op.kind == "batch_norm" else op for op in graph.ops]))


def _training(op: Op) -> Op:
    return replace(op, args=MappingProxyType({**op.args, "training": True}))


def _fails(graph: Graph, *, beside_torch: bool) -> bool:
    """Return True if a batch norm has one value a channel, of which there are no statistics.

    `beside_torch` takes the norms of a network that has torch's own alone for those of a larger batch.
    """
    norms = [op for op in graph.ops if op.kind == "batch_norm"]
    if all(op.input.numel > op.input.shape[1] for op in norms):
        return False
    classes = [graph.modules[op.path].module_class for op in norms if op.path in graph.modules]
    return not beside_torch or not all(each.__module__.startswith("torch.") for each in classes)
