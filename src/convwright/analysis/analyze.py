"""`analyze`: trace a network and run every pass over it."""

from contextlib import nullcontext

from torch import nn

from ..graph import Graph
from ..graph.inputs import Inputs
from ..graph.modes import in_mode
from ..graph.trace import no_collection
from .facts import Analysis
from .macs import count_macs
from .memory import measure_memory
from .parameters import count_parameters
from .receptive_field import receptive_fields
from .training_graph import graphs_of_modes


def analyze(model: nn.Module, inputs: Inputs, *, label: str = "", values: bool = True, train: bool = False) -> Analysis:
    """State the facts of any `nn.Module` without changing it; it is computed only where its path depends on numbers.

    Parameters
    ----------
    model : nn.Module
        In the mode (train or eval) it is in, on the device it is on. Training memory is that of train mode anyway.
    inputs : shape, tensor, sequence of either, or mapping of argument name to either
        As for `graph.trace`: `(1, 3, 224, 224)` is one image batch.
    label : str
        What to call the network in reports; its class when left out.
    values : bool
        As for `graph.trace`: False never computes.
    train : bool
        True states all facts of train mode.

    Raises
    ------
    ConvwrightError
        When the model cannot run at these inputs; the error names the op, its place and what would fix it.

    Examples
    --------
    >>> found = analyze(nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)), (1, 3, 32, 32))
    >>> found.totals.macs, found.totals.receptive_field_px, found.totals.jump_px
    (221184, (4, 4), (2, 2))
    """
    mode = in_mode(model, training=True) if train and isinstance(model, nn.Module) else nullcontext()
    with no_collection(), mode:  # facts are made to stay, there is little to collect
        graph, training, not_traced = graphs_of_modes(model, inputs, values=values)
        return analysis_of(graph, training, label=label, not_traced=not_traced)


def analysis_of(graph: Graph, training: Graph | None = None, *, label: str = "", not_traced: str = "") -> Analysis:
    """State the facts of a network that was traced.

    Parameters
    ----------
    training : Graph, optional
        Of the same call in train mode; `graph` if left out.
    label : str
        What to call the network in reports; its class when left out.
    not_traced : str
        Why there is no graph of train mode.
    """
    return Analysis(
        label=label or graph.model_type,
        graph=graph,
        parameters=count_parameters(graph, training),
        macs=count_macs(graph),
        memory=measure_memory(graph, training, not_traced=not_traced),
        fields=receptive_fields(graph),
    )
