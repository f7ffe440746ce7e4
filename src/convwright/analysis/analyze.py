"""`analyze`: trace a network once and run every pass over it."""

from torch import nn

from ..graph import trace
from ..graph.inputs import Inputs
from ..graph.trace import no_collection
from .facts import Analysis
from .macs import count_macs
from .memory import measure_memory
from .parameters import count_parameters
from .receptive_field import receptive_fields


def analyze(model: nn.Module, inputs: Inputs, *, label: str = "", values: bool = True) -> Analysis:
    """State the facts of any `nn.Module` without changing it; it is computed only where its path depends on numbers.

    Parameters
    ----------
    model : nn.Module
        In the mode (train or eval) it is in, on the device it is on.
    inputs : shape, tensor, sequence of either, or mapping of argument name to either
        As for `graph.trace`: `(1, 3, 224, 224)` is one image batch.
    label : str
        What to call the network in reports; its class when left out.
    values : bool
        As for `graph.trace`: False never computes.

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
    with no_collection():  # facts are made to stay, there is little to collect
        graph = trace(model, inputs, values=values)
        return Analysis(
            label=label or graph.model_type,
            graph=graph,
            parameters=count_parameters(graph),
            macs=count_macs(graph),
            memory=measure_memory(graph),
            fields=receptive_fields(graph),
        )
