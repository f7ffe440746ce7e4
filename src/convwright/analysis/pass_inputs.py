"""Inputs with numbers for a forward pass that is timed: those of a traced network, at any batch size."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from ..errors import ConvwrightError
from ..graph import Graph
from ..graph.inputs import with_leaves
from ..graph.records import Tensor

TimedInputs = Sequence[int] | Graph


def input_shapes(inputs: TimedInputs, batch_size: int) -> list[tuple[tuple[int, ...], torch.dtype | None]]:
    """Return shape and dtype of each input at a batch size; None for the dtype of the weights.

    In a traced network the batch is the first axis of its first input, and of every other that has as many.

    Raises
    ------
    ConvwrightError
        For another batch than 1, where the inputs are items of a list: each is one image.
    """
    if not isinstance(inputs, Graph):
        return [((batch_size, *inputs), None)]
    return [
        (_at_batch(each, inputs, batch_size), None if each.dtype.is_floating_point else each.dtype)
        for each in inputs.inputs
    ]


def pass_arguments(
    inputs: TimedInputs, batch_size: int, dtype: torch.dtype, device: torch.device, *, channels_last: bool = False
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the arguments of `forward` by position and by name.

    Parameters
    ----------
    inputs : sequence of int or Graph
        The shape of the only input, without its batch axis; or a traced network, whose arguments are made anew.
    batch_size : int
        Number of images in the pass.
    dtype : torch.dtype
        Of inputs of floating point, which are normal random numbers; others are ones: an index, a length and a mask
        that most networks take.
    device : torch.device
        Device of the inputs.
    channels_last : bool
        True puts images into channels-last memory.

    Examples
    --------
    >>> arguments, named = pass_arguments((3, 8, 8), 2, torch.float32, torch.device("cpu"))
    >>> [each.shape for each in arguments], named
    ([torch.Size([2, 3, 8, 8])], {})
    """

    def made(shape: Sequence[int], kind: torch.dtype) -> torch.Tensor:
        if not kind.is_floating_point:
            return torch.ones(shape, device=device, dtype=kind)
        tensor = torch.randn(shape, device=device, dtype=dtype)
        return tensor.to(memory_format=torch.channels_last) if channels_last and tensor.ndim == 4 else tensor

    if not isinstance(inputs, Graph):
        return (made((batch_size, *inputs), dtype),), {}
    graph = inputs
    filled = with_leaves(graph.arguments, Tensor, lambda each: made(_at_batch(each, graph, batch_size), each.dtype))
    if isinstance(filled, Mapping):
        return (), dict(filled)
    *placed, last = filled or ((),)
    is_named = isinstance(last, Mapping) and bool(placed)
    return (tuple(placed), dict(last)) if is_named else (tuple(filled), {})


def _at_batch(tensor: Tensor, graph: Graph, batch_size: int) -> tuple[int, ...]:
    first = graph.inputs[0]
    if "." in first.name:
        if batch_size != 1:
            expected = "a network whose first input has a batch axis"
            raise ConvwrightError(f"latency at batch {batch_size}", expected=expected, got=f"an item, {first.name}")
        return tensor.shape
    if not tensor.shape or not first.shape or tensor.shape[0] != first.shape[0]:
        return tensor.shape
    return (batch_size, *tensor.shape[1:])
