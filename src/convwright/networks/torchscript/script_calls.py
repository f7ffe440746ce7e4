"""Operators of TorchScript as calls of Python and of torch's Python functions, which the tracer knows."""

import inspect
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F

from ..exported import RENAMED, python_function

# Scalar types by the numbers that TorchScript has for them (c10/core/ScalarType.h).
_DTYPES = {
    0: torch.uint8,
    1: torch.int8,
    2: torch.int16,
    3: torch.int32,
    4: torch.int64,
    5: torch.float16,
    6: torch.float32,
    7: torch.float64,
    11: torch.bool,
    15: torch.bfloat16,
}
_MEMORY_FORMATS = {0: torch.contiguous_format, 1: torch.preserve_format, 2: torch.channels_last}
_IGNORED = ("layout", "pin_memory")
_CONVOLUTIONS: Mapping[int, Any] = {3: F.conv1d, 4: F.conv2d, 5: F.conv3d}
_TRANSPOSED: Mapping[int, Any] = {3: F.conv_transpose1d, 4: F.conv_transpose2d, 5: F.conv_transpose3d}


def _append(items: list[Any], item: Any) -> list[Any]:
    items.append(item)
    return items


def _slice(items: Sequence[Any], start: int | None = None, end: int | None = None, step: int = 1) -> Any:
    return items[start:end:step]


# Operators on numbers, texts, lists and dictionaries.
_PLAIN: Mapping[str, Callable[..., Any]] = {
    "Bool": bool,
    "Float": float,
    "FloatImplicit": float,
    "Int": int,
    "IntImplicit": int,
    "ScalarImplicit": lambda x: x,
    "__contains__": operator.contains,
    "__getitem__": operator.getitem,
    "__is__": operator.is_,
    "__isnot__": operator.is_not,
    "__not__": operator.not_,
    "add": operator.add,
    "append": _append,
    "ceil": lambda x: -int(-x // 1),
    "div": operator.truediv,
    "eq": operator.eq,
    "floor": lambda x: int(x // 1),
    "floor_divide": operator.floordiv,
    "floordiv": operator.floordiv,
    "format": str.format,
    "ge": operator.ge,
    "gt": operator.gt,
    "items": lambda x: [*x.items()],
    "keys": lambda x: [*x.keys()],
    "le": operator.le,
    "len": len,
    "list": list,
    "lt": operator.lt,
    "mul": operator.mul,
    "ne": operator.ne,
    "neg": operator.neg,
    "remainder": operator.mod,
    "slice": _slice,
    "sub": operator.sub,
    "values": lambda x: [*x.values()],
    "warn": lambda *_: None,
}
# Questions to a tensor, and what a trace writes for `x.shape[0]`.
_QUESTIONS: Mapping[str, Callable[..., Any]] = {
    "Bool": bool,
    "Float": float,
    "FloatImplicit": float,
    "Int": int,
    "IntImplicit": int,
    "__is__": operator.is_,
    "__isnot__": operator.is_not,
    "__getitem__": operator.getitem,
    "append": _append,
    "dim": lambda x: x.dim(),
    "len": len,
    "size": lambda x, dim=None: list(x.shape) if dim is None else x.shape[dim],
}


class UnknownOperatorError(Exception):
    """An operator that has no Python function."""


def call_operator(kind: str, arguments: Sequence[str], values: Sequence[Any]) -> Any:
    """Call an operator on values, given the names of its parameters.

    >>> call_operator("aten::relu", ["self"], [torch.tensor([-1.0, 2.0])])
    tensor([0., 2.])
    >>> call_operator("aten::add", ["a", "b"], [1, 2])
    3

    Raises
    ------
    UnknownOperatorError
        If there is no such function.
    """
    name = kind.removeprefix("aten::")
    if not any(isinstance(each, torch.Tensor) for value in values for each in _items(value)):
        if name in _PLAIN:
            return _PLAIN[name](*values)
    elif name in _QUESTIONS:
        return _QUESTIONS[name](*values)
    if name == "_convolution":
        return _convolution(*values)
    if name.lstrip("_").startswith("upsample_"):
        return _interpolated(name, dict(zip(arguments, values, strict=False)))
    function = python_function(name) or python_function(name.rstrip("_")) or getattr(torch.ops.aten, name, None)
    if function is None:
        raise UnknownOperatorError(kind)
    given = [(key, _decoded(key.lstrip("*"), value)) for key, value in zip(arguments, values, strict=False)]
    if not inspect.isfunction(function):
        placed = [value for key, value in given if not key.startswith("*")]
        options = {key[1:]: value for key, value in given if key.startswith("*") and value is not None}
        return function(*placed, **{key: value for key, value in options.items() if key not in _IGNORED})
    parameters = inspect.signature(function).parameters
    named = {RENAMED.get(key.lstrip("*"), key.lstrip("*")): value for key, value in given}
    takes_all = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters.values())
    named = {key: value for key, value in named.items() if takes_all or key in parameters}
    if name.endswith("_") and "inplace" in parameters:
        named["inplace"] = True
    return function(**named)


def _decoded(name: str, value: Any) -> Any:
    if type(value) is int and name == "dtype":
        return _DTYPES[value]
    return _MEMORY_FORMATS[value] if type(value) is int and name == "memory_format" else value


def _items(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else (value,)


def _interpolated(name: str, given: Mapping[str, Any]) -> Any:
    written = name.lstrip("_").removeprefix("upsample_")
    mode = written.removesuffix("_aa")[:-2].replace("_", "-")  # without "2d"
    corners = {"align_corners": given["align_corners"]} if "align_corners" in given else {}
    size, factors = given.get("output_size"), given.get("scale_factors")
    options = {"mode": mode, "antialias": written.endswith("_aa"), **corners}
    return F.interpolate(given.get("self", given.get("input")), size=size, scale_factor=factors, **options)


def _convolution(
    x: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    stride: Any,
    padding: Any,
    dilation: Any,
    transposed: bool,
    output_padding: Any,
    groups: int,
    *_: bool,
) -> Any:
    rest = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    if transposed:
        return _TRANSPOSED[weight.ndim](x, weight, bias, output_padding=output_padding, **rest)
    return _CONVOLUTIONS[weight.ndim](x, weight, bias, **rest)
