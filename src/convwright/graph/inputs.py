"""Inputs of a trace: shapes or example tensors, as positional or keyword arguments of `forward`."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch import nn

from convwright.errors import ConvwrightError

from .meta import META

Shape = Sequence[int]
Inputs = Shape | torch.Tensor | Sequence[Any] | Mapping[str, Any]


def without_numbers(tensor: torch.Tensor) -> torch.Tensor:
    """Return a tensor without storage, laid out like another one."""
    return torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device=META)


def stand_ins(
    model: nn.Module, inputs: Inputs, stand_in: Callable[[torch.Tensor], torch.Tensor] = without_numbers
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the positional and keyword arguments for `model.forward`, with what stands in for each shape or tensor.

    Parameters
    ----------
    inputs : shape, tensor, sequence of either, or mapping of argument name to either
        A shape gets the dtype of the model's parameters.
    stand_in : callable
        Returns what stands in for a tensor, which has no storage where a shape was given.

    Raises
    ------
    ConvwrightError
        When something is neither, or `forward` does not take these arguments.
    """
    dtype = next((p.dtype for p in model.parameters() if p.is_floating_point()), torch.float32)
    leaf = partial(_stand_in, dtype, stand_in)
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = {}
    if isinstance(inputs, Mapping):
        kwargs = {name: leaf(value, name) for name, value in inputs.items()}
    elif isinstance(inputs, torch.Tensor) or _is_shape(inputs):
        args = (leaf(inputs, "input"),)
    elif isinstance(inputs, Sequence) and not isinstance(inputs, str):
        args = tuple(leaf(value, f"input {number}") for number, value in enumerate(inputs, 1))
    else:
        raise ConvwrightError("inputs", expected=_EXPECTED, got=repr(inputs), hint=_HINT)
    return args, kwargs


_EXPECTED = "a shape, a tensor, a sequence of them or a mapping of argument names to them"
_HINT = "for one image write (1, 3, 224, 224)"


def argument_names(model: nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments by the names `forward` gives them.

    Raises
    ------
    ConvwrightError
        When `forward` takes other arguments.
    """
    signature = inspect.signature(model.forward)
    try:
        bound = dict(signature.bind(*args, **kwargs).arguments)
    except TypeError as error:
        takes = ", ".join(str(parameter) for parameter in signature.parameters.values())
        given = [f"{len(args)} positional"] * bool(args) + list(kwargs)
        raise ConvwrightError(
            f"{type(model).__name__}.forward does not take these inputs ({error})",
            expected=f"({takes})",
            got=", ".join(given) or "none",
            hint="give one shape or tensor for each argument",
        ) from None
    gathered = next((name for name, p in signature.parameters.items() if p.kind is p.VAR_KEYWORD), "")
    loose = bound.pop(gathered, {})
    return {**bound, **loose}


def with_leaves(value: Any, kind: type, change: Callable[[Any], Any]) -> Any:
    """Return nested mappings, lists and tuples with each value of a kind in them changed.

    >>> with_leaves({"x": [1, (2, "a")]}, int, lambda number: -number)
    {'x': [-1, (-2, 'a')]}
    """
    if isinstance(value, kind):
        return change(value)
    if isinstance(value, Mapping):
        return {key: with_leaves(item, kind, change) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(with_leaves(item, kind, change) for item in value)
    return value


def _is_shape(value: Any) -> bool:
    return isinstance(value, Sequence) and len(value) > 0 and all(type(size) is int for size in value)


def _stand_in(dtype: torch.dtype, make: Callable[[torch.Tensor], torch.Tensor], value: Any, name: str) -> Any:
    inner = partial(_stand_in, dtype, make)
    if isinstance(value, torch.Tensor):
        return make(value)
    if _is_shape(value):
        if min(value) < 1:
            raise ConvwrightError(f"{name}", expected="sizes of at least 1", got=str(tuple(value)), hint=_HINT)
        return make(torch.empty(tuple(value), dtype=dtype, device=META))
    if isinstance(value, Mapping):
        return {key: inner(item, f"{name}[{key!r}]") for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(inner(item, name) for item in value)
    if isinstance(value, bool | int | float | str | None):
        return value
    raise ConvwrightError(name, expected="a shape or a tensor", got=type(value).__name__, hint=_HINT)
