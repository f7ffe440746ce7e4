"""Canonical arguments: torch's names, defaults filled in, windows as tuples, dims counted from the front."""

import ast
import inspect
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import torch

from .kinds import Kind
from .packed_weights import packed_arguments
from .records import Tensor

_CONV = "input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1"
_CONV_TRANSPOSE = "input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1"
_MAX_POOL = "input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False"
_AVG_POOL = "input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None"
_SOFTMAX = "input, dim=None, dtype=None"
_REDUCE = "input, dim=None, keepdim=False, dtype=None"

# Only what torch cannot tell: builtins have no Python signature, and several spellings of one kind disagree.
_WRITTEN = {
    "conv1d conv2d conv3d": _CONV,
    "conv_transpose1d conv_transpose2d conv_transpose3d": _CONV_TRANSPOSE,
    "max_pool1d max_pool2d max_pool3d": _MAX_POOL,
    "avg_pool1d": "input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True",
    "avg_pool2d avg_pool3d": _AVG_POOL,
    "adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d": "input, output_size",
    "adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d": "input, output_size, return_indices=False",
    "linear": "input, weight, bias=None",
    "relu relu6 silu sigmoid tanh hardswish hardsigmoid mish selu softsign": "input, inplace=False",
    "gelu": "input, approximate='none'",
    "leaky_relu": "input, negative_slope=0.01, inplace=False",
    "elu": "input, alpha=1.0, inplace=False",
    "softmax log_softmax": _SOFTMAX,
    "dropout alpha_dropout dropout1d dropout2d dropout3d feature_dropout feature_alpha_dropout": (
        "input, p=0.5, training=True, inplace=False"
    ),
    "add sub": "input, other, alpha=1",
    "mul floor_divide matmul bmm mm": "input, other",
    "div": "input, other, rounding_mode=None",
    "pow": "input, exponent",
    "cat": "tensors, dim=0",
    "stack": "tensors, dim=0",
    "flatten": "input, start_dim=0, end_dim=-1",
    "view": "input, *size",
    "reshape": "input, *shape",
    "expand": "input, *size",
    "repeat": "input, *repeats",
    "permute": "input, *dims",
    "flip": "input, *dims",
    "tile": "input, *dims",
    "transpose": "input, dim0, dim1",
    "squeeze": "input, dim=None",
    "unsqueeze": "input, dim",
    "mean sum": _REDUCE,
    "amax amin": "input, dim=(), keepdim=False",
    "chunk": "input, chunks, dim=0",
    "split": "input, split_size_or_sections, dim=0",
    "unbind vmap": "input, dim=0",
    "getitem": "input, index",
    "setitem": "input, index, value",
    "to": "input, *target, dtype=None, device=None, copy=False, memory_format=None",
    "einsum": "equation, *operands",
    "bernoulli": "input, p=None, generator=None",
}
# The same kind under a second function with another order of arguments.
_ORDERS = {
    torch.batch_norm: "input, weight, bias, running_mean, running_var, training, momentum, eps, cudnn_enabled",
    torch.dropout: "input, p, training",
    torch.feature_dropout: "input, p, training",
    torch.instance_norm: (
        "input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, cudnn_enabled"
    ),
}
_RENAMED = {"self": "input", "train": "training", "axis": "dim", "axis0": "dim0", "axis1": "dim1"}
_DIMS = frozenset({"dim", "start_dim", "end_dim", "dim0", "dim1", "dims"})
_WINDOWS = frozenset({"kernel_size", "stride", "padding", "dilation", "output_padding", "output_size"})


class Signature:
    """The argument names and defaults of one function, ready to bind.

    Parameters
    ----------
    kind : str
        Kind of the op, whose canonical arguments these are.
    text : str
        Names and defaults as in a `def`; a starred name gathers loose integers, as `view(2, 3)` allows.

    Examples
    --------
    >>> Signature("cat", "tensors, dim=0").bind(([1, 2],), {})
    {'tensors': [1, 2], 'dim': 0}
    """

    def __init__(self, kind: str, text: str) -> None:
        self.names: list[str] = []
        self.template: dict[str, Any] = {}
        self.starred: int | None = None
        for position, part in enumerate(text.split(", ")):
            name, _, default = part.partition("=")
            if name.startswith("*"):
                self.starred = position
            self.names.append(name.lstrip("*"))
            self.template[name.lstrip("*")] = ast.literal_eval(default) if default else None
        axes = kind[-2:-1] if kind.endswith("d") and ("conv" in kind or "pool" in kind) else ""
        self.axes = int(axes) if axes.isdigit() else 0
        self.is_conv = kind.startswith("conv")
        self.windows = tuple(name for name in self.names if self.axes and name in _WINDOWS)
        self.dims = tuple(name for name in self.names if name in _DIMS)
        # `unsqueeze` and `stack` count axes of what they make.
        self.new_axes = 1 if kind in ("unsqueeze", "stack") else 0

    def bind(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """The call's arguments by name, defaults filled in; a required one that is missing is None."""
        bound = self.template.copy()
        if self.starred is not None and len(args) > self.starred:
            loose = args[self.starred :]
            gathered = loose[0] if len(loose) == 1 and isinstance(loose[0], list | tuple) else loose
            args = (*args[: self.starred], tuple(gathered))
        bound.update(zip(self.names, args, strict=False))
        if not kwargs:
            return bound
        if kwargs.keys() <= bound.keys():
            bound.update(kwargs)
            return bound
        for name, value in kwargs.items():
            bound[name if name in bound else _RENAMED.get(name, name)] = value
        return bound

    def canonical(self, bound: dict[str, Any]) -> None:
        """Bring windows and dims of a bound call, whose tensors are `Tensor` facts, to their one form, in place."""
        if self.windows:
            self._canonical_windows(bound)
        if self.dims:
            tensor = bound.get("input") or (bound.get("tensors") or (None,))[0]
            ndim = tensor.ndim + self.new_axes if isinstance(tensor, Tensor) else 0
            for name in self.dims:
                value = bound[name]
                if type(value) is int:
                    bound[name] = value + ndim if value < 0 else value
                elif isinstance(value, list | tuple):
                    bound[name] = tuple(v + ndim if type(v) is int and v < 0 else v for v in value)

    def _canonical_windows(self, bound: dict[str, Any]) -> None:
        if self.is_conv and isinstance(bound["weight"], Tensor):
            bound["kernel_size"] = bound["weight"].shape[2:]
        for name in self.windows:
            value = bound[name]
            if type(value) is not tuple or len(value) != self.axes:
                bound[name] = self._one_per_axis(name, value, bound)
        sizes = bound.get("output_size")
        if sizes is not None and None in sizes:
            bound["output_size"] = tuple(
                given if given is not None else size
                for given, size in zip(sizes, bound["input"].shape[-self.axes :], strict=True)
            )

    def _one_per_axis(self, name: str, value: Any, bound: dict[str, Any]) -> Any:
        if name == "stride" and (value is None or value == ()):
            return bound["kernel_size"]
        if value == "valid":
            value = 0
        if isinstance(value, int) or value is None:
            return (value,) * self.axes
        if isinstance(value, list | tuple):
            return tuple(value) * self.axes if len(value) == 1 else tuple(value)
        return value


class IndexSignature(Signature):
    """The arguments of `x[index]` and `x[index] = value`.

    A list of positions is one item of the index, as torch reads it, while `x[0, 1]` has an item for each axis.

    >>> signature = IndexSignature("getitem", "input, index")
    >>> signature.bind((None, [0, 1]), {}), signature.bind((None, (0, 1)), {})
    ({'input': None, 'index': ([0, 1],)}, {'input': None, 'index': (0, 1)})
    """

    def bind(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """The call's arguments by name, with a lone list as the only item of the index."""
        bound = super().bind(args, kwargs)
        if type(bound["index"]) is list:
            bound["index"] = (bound["index"],)
        return bound


class PackedSignature(Signature):
    """The arguments of a quantized convolution or linear layer, whose weight is a packed object."""

    def bind(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """The call's arguments by name, with what only the packed object tells."""
        bound = super().bind(args, kwargs)
        return {**bound, **packed_arguments(bound["weight"])}

    def canonical(self, bound: dict[str, Any]) -> None:
        """Keep the facts of the weight, and no object that is none of the model's."""
        bound["weight"] = bound["weight"] if isinstance(bound["weight"], Tensor) else None


@cache
def signature_of(function: Callable[..., Any], kind: Kind) -> Signature:
    """The signature of a torch function: written here, else Python's, else the operator schema's first overload."""
    written = _ORDERS.get(function) or _written().get(kind.name)
    if kind.name.startswith(("quantized_conv", "quantized_linear")):
        return PackedSignature(kind.name, "input, weight, *others")
    kind_of_signature = IndexSignature if kind.name in ("getitem", "setitem") else Signature
    return kind_of_signature(
        kind.name, written or _python_signature(function) or _schema_signature(kind) or "input, *others"
    )


@cache
def _written() -> dict[str, str]:
    return {kind: text for kinds, text in _WRITTEN.items() for kind in kinds.split()}


def _python_signature(function: Callable[..., Any]) -> str:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return ""
    return ", ".join(
        "*" * (parameter.kind is inspect.Parameter.VAR_POSITIONAL)
        + _as_text(parameter.name, parameter.default, required=parameter.default is inspect.Parameter.empty)
        for parameter in parameters
        if not parameter.name.startswith("_") and parameter.kind is not inspect.Parameter.VAR_KEYWORD
    )


def _schema_signature(kind: Kind) -> str:
    schemas = torch._C._jit_get_schemas_for_operator(f"aten::{kind.name}")
    schema = getattr(kind, "schema", None) or next(iter(schemas), None)
    if schema is None:
        return ""
    return ", ".join(
        _as_text(argument.name, argument.default_value, required=not argument.has_default_value())
        for argument in schema.arguments
    )


def _as_text(name: str, default: Any, *, required: bool) -> str:
    name = _RENAMED.get(name, name)
    if required:
        return name
    # Only literals can be a default here; anything else (a dtype, a sentinel) reads as not given.
    return f"{name}={default!r}" if isinstance(default, bool | int | float | str | None) else f"{name}=None"
