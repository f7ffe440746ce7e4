"""Inputs of a trace: shapes or example tensors, as positional or keyword arguments of `forward`."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, fields, is_dataclass
from functools import partial
from typing import Any

import torch
from torch import nn

from convwright.errors import ConvwrightError

from .meta import META
from .opaque import forward_signature


@dataclass(frozen=True)
class Plain:
    """An argument that is no tensor although it looks like a shape, such as `Plain((16, 16))` for a size."""

    value: Any


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
        A shape gets the dtype of the model's parameters. A sequence may end with a mapping of keyword arguments. A
        mapping or sequence that `forward` does not take as arguments is one argument. Other values stay as they are.
    stand_in : callable
        Returns what stands in for a tensor, which has no storage where a shape was given.

    Raises
    ------
    ConvwrightError
        When something is neither, or `forward` does not take these arguments.
    """
    dtype = next((p.dtype for p in model.parameters() if p.is_floating_point()), torch.float32)
    leaf = partial(_stand_in, dtype, stand_in)
    args, kwargs = _arguments(forward_signature(model), inputs)
    name = "input {}" if len(args) > 1 else "input"
    placed = tuple(leaf(value, name.format(number)) for number, value in enumerate(args, 1))
    return placed, {name: leaf(value, name) for name, value in kwargs.items()}


def _arguments(signature: inspect.Signature, inputs: Any) -> tuple[Sequence[Any], Mapping[str, Any]]:
    """Sort inputs into positional and keyword arguments."""
    if isinstance(inputs, Mapping):
        is_one = not _takes(signature, (), inputs) and _takes_as_one(signature, inputs)
        return ((inputs,), {}) if is_one and not _names(signature) & {*inputs} else ((), inputs)
    if isinstance(inputs, torch.Tensor) or _is_shape(inputs) or _has_fields(inputs):
        return (inputs,), {}
    if not isinstance(inputs, Sequence) or isinstance(inputs, str):
        raise ConvwrightError("inputs", expected=_EXPECTED, got=repr(inputs), hint=_HINT)
    if inputs and isinstance(inputs[-1], Mapping):
        *first, last = inputs
        is_named = {*last} <= _names(signature) or not _takes(signature, inputs, {})
        if last and is_named and _takes(signature, first, last):
            return first, last
    is_one = not _takes(signature, inputs, {}) and _takes_as_one(signature, inputs)
    return ((inputs,), {}) if is_one and len(inputs) > 1 else (inputs, {})


def _takes(signature: inspect.Signature, args: Sequence[Any], kwargs: Mapping[Any, Any]) -> bool:
    try:
        signature.bind(*args, **kwargs)
    except TypeError:
        return False
    return True


def _takes_as_one(signature: inspect.Signature, inputs: Any) -> bool:
    """Answer whether a mapping or sequence can be the only argument, which it cannot where a tensor is announced."""
    first = next(iter(signature.parameters.values()), None)
    is_tensor = first is not None and first.annotation in (torch.Tensor, "Tensor", "torch.Tensor")
    return not is_tensor and _takes(signature, (inputs,), {})


def _names(signature: inspect.Signature) -> set[str]:
    return {name for name, each in signature.parameters.items() if each.kind not in _GATHERED}


_GATHERED = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
_EXPECTED = "a shape, a tensor, a sequence of them or a mapping of argument names to them"
_HINT = "for one image write (1, 3, 224, 224)"


def argument_names(model: nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments by the names `forward` gives them.

    Raises
    ------
    ConvwrightError
        When `forward` takes other arguments.
    """
    signature = forward_signature(model)
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
        return _like(value, [with_leaves(item, kind, change) for item in value])
    if _has_fields(value):
        return _with_fields(value, lambda item, _: with_leaves(item, kind, change))
    return value


def _like(value: list[Any] | tuple[Any, ...], items: list[Any]) -> Any:
    """Return items in a list, tuple or named tuple like another one."""
    return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)


def _has_fields(value: Any) -> bool:
    return is_dataclass(value) and not isinstance(value, type)


def _with_fields(value: Any, change: Callable[[Any, str], Any]) -> Any:
    """Return a copy of a dataclass with each of its fields changed."""
    changed = copy(value)
    for each in fields(value):
        object.__setattr__(changed, each.name, change(getattr(value, each.name), each.name))
    return changed


def _is_shape(value: Any) -> bool:
    if not isinstance(value, Sequence) or hasattr(value, "_fields"):
        return False
    return len(value) > 0 and all(type(size) is int for size in value)


def _stand_in(dtype: torch.dtype, make: Callable[[torch.Tensor], torch.Tensor], value: Any, name: str) -> Any:
    inner = partial(_stand_in, dtype, make)
    if isinstance(value, Plain):
        return value.value
    if isinstance(value, torch.Tensor):
        return make(value)
    if _is_shape(value):
        if min(value) < 1:
            raise ConvwrightError(f"{name}", expected="sizes of at least 1", got=str(tuple(value)), hint=_HINT)
        return make(torch.empty(tuple(value), dtype=dtype, device=META))
    if isinstance(value, Mapping):
        return {key: inner(item, f"{name}[{key!r}]") for key, item in value.items()}
    if isinstance(value, list | tuple):
        return _like(value, [inner(item, name) for item in value])
    if _has_fields(value):
        return _with_fields(value, lambda item, field: inner(item, f"{name}.{field}"))
    if type(value).__module__.partition(".")[0] == "numpy":
        hint = "give its shape, or torch.from_numpy of it"
        raise ConvwrightError(name, expected="a shape or a tensor", got=f"numpy.{type(value).__name__}", hint=hint)
    return value
