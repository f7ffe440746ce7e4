"""Graph of a network in train mode, of which its training memory is: traced anew only where it may differ."""

from dataclasses import replace
from types import MappingProxyType

from torch import nn

from convwright.errors import ConvwrightError
from convwright.graph import Graph, Op, trace
from convwright.graph.inputs import Inputs
from convwright.graph.modes import in_mode


def training_graph(model: nn.Module, inputs: Inputs, graph: Graph, *, values: bool) -> tuple[Graph, str]:
    """Return the graph of a call in train mode, and why it is not: "" if it is.

    Parameters
    ----------
    graph : Graph
        Of the same call in the mode that the model is in.
    values : bool
        As for `graph.trace`.

    Examples
    --------
    >>> from convwright.graph import trace
    >>> net = nn.Sequential(nn.Linear(4, 4), nn.Dropout()).eval()
    >>> eval_graph = trace(net, (1, 4))
    >>> [op.args.get("training") for op in training_graph(net, (1, 4), eval_graph, values=True)[0]]
    [None, True]
    """
    if graph.modules[""].training:
        return graph, ""
    if not graph.depends_on_mode and type(model).train is nn.Module.train:
        return _with_batch_statistics(graph), ""
    try:
        with in_mode(model, training=True):
            return trace(model, inputs, values=values), ""
    except ConvwrightError as error:
        return graph, f"in train mode the network fails ({error.problem})"


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
