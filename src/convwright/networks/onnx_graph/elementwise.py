"""Operators of ONNX that work element by element, and reductions."""

import operator
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from .node_call import NodeCall

# By the numbers that ONNX gives to element types (onnx.TensorProto.DataType).
DTYPES = {
    1: torch.float32,
    2: torch.uint8,
    3: torch.int8,
    4: torch.uint16,
    5: torch.int16,
    6: torch.int32,
    7: torch.int64,
    9: torch.bool,
    10: torch.float16,
    11: torch.float64,
    12: torch.uint32,
    13: torch.uint64,
    16: torch.bfloat16,
}
_UNARY: Mapping[str, Callable[[Tensor], Tensor]] = {
    "Abs": torch.abs,
    "Acos": torch.acos,
    "Acosh": torch.acosh,
    "Asin": torch.asin,
    "Asinh": torch.asinh,
    "Atan": torch.atan,
    "Atanh": torch.atanh,
    "Ceil": torch.ceil,
    "Cos": torch.cos,
    "Cosh": torch.cosh,
    "Erf": torch.erf,
    "Exp": torch.exp,
    "Floor": torch.floor,
    "HardSwish": F.hardswish,
    "Identity": lambda x: x,
    "IsNaN": torch.isnan,
    "Log": torch.log,
    "Mish": F.mish,
    "Neg": torch.neg,
    "Not": torch.logical_not,
    "Reciprocal": torch.reciprocal,
    "Relu": F.relu,
    "Round": torch.round,
    "Sigmoid": torch.sigmoid,
    "Sign": torch.sign,
    "Sin": torch.sin,
    "Sinh": torch.sinh,
    "Softplus": F.softplus,
    "Softsign": F.softsign,
    "Sqrt": torch.sqrt,
    "Tan": torch.tan,
    "Tanh": torch.tanh,
}
_BINARY: Mapping[str, Callable[[Any, Any], Any]] = {
    "Add": operator.add,
    "And": operator.and_,
    "Equal": operator.eq,
    "Greater": operator.gt,
    "GreaterOrEqual": operator.ge,
    "Less": operator.lt,
    "LessOrEqual": operator.le,
    "Mul": operator.mul,
    "Or": operator.or_,
    "Pow": operator.pow,
    "Sub": operator.sub,
    "Xor": operator.xor,
}
_REDUCTIONS: Mapping[str, Callable[[Tensor, Any, bool], Tensor]] = {
    "ReduceL1": lambda x, axes, keep: x.abs().sum(axes, keepdim=keep),
    "ReduceL2": lambda x, axes, keep: torch.linalg.vector_norm(x, dim=axes, keepdim=keep),
    "ReduceLogSum": lambda x, axes, keep: x.sum(axes, keepdim=keep).log(),
    "ReduceLogSumExp": lambda x, axes, keep: torch.logsumexp(x, axes, keepdim=keep),
    "ReduceMax": lambda x, axes, keep: x.amax(axes, keepdim=keep),
    "ReduceMean": lambda x, axes, keep: x.mean(axes, keepdim=keep),
    "ReduceMin": lambda x, axes, keep: x.amin(axes, keepdim=keep),
    "ReduceSum": lambda x, axes, keep: x.sum(axes, keepdim=keep),
    "ReduceSumSquare": lambda x, axes, keep: x.square().sum(axes, keepdim=keep),
}
_SELU = {"alpha": 1.67326319217681884765625, "gamma": 1.05070102214813232421875}


def _unary(function: Callable[[Tensor], Tensor]) -> Callable[[NodeCall], Tensor]:
    return lambda call: function(call.tensor(0))


def _binary(function: Callable[[Any, Any], Any]) -> Callable[[NodeCall], Any]:
    def run(call: NodeCall) -> Any:
        if call.attribute("broadcast"):  # of operator sets before 7, with an axis of their own
            return NotImplemented
        return function(call.operand(0), call.operand(1))

    return run


def _reduction(function: Callable[[Tensor, Any, bool], Tensor]) -> Callable[[NodeCall], Tensor]:
    def run(call: NodeCall) -> Tensor:
        x, axes = call.tensor(0), call.numbers(1, "axes")
        if not axes and call.attribute("noop_with_empty_axes"):
            return x
        return function(x, tuple(axes or range(x.ndim)), bool(call.attribute("keepdims", 1)))

    return run


def _folded(function: Callable[[Tensor, Tensor], Tensor]) -> Callable[[NodeCall], Tensor]:
    return lambda call: reduce(function, call.tensors())


def _divide(call: NodeCall) -> Any:
    first, second = call.operand(0), call.operand(1)
    known = first if isinstance(first, Tensor) else second
    if known.is_floating_point():
        return first / second
    return torch.div(call.tensor(0), call.tensor(1), rounding_mode="trunc")


def _modulo(call: NodeCall) -> Tensor:
    return (torch.fmod if call.attribute("fmod", 0) else torch.remainder)(call.tensor(0), call.operand(1))


def _clip(call: NodeCall) -> Tensor:
    x, low, high = call.tensor(0), call.numbers(1, "min"), call.numbers(2, "max")
    if low == 0 and high == 6:
        return F.relu6(x)
    if low == 0 and high is None:
        return F.relu(x)
    if low is None and high is None:
        return x
    is_interval = x.is_floating_point() and low is not None and high is not None
    return F.hardtanh(x, low, high) if is_interval else torch.clamp(x, low, high)


def _hard_sigmoid(call: NodeCall) -> Any:
    x, alpha, beta = call.tensor(0), call.attribute("alpha", 0.2), call.attribute("beta", 0.5)
    if abs(alpha - 1 / 6) < 1e-6 and beta == 0.5:
        return F.hardsigmoid(x)
    return (alpha * x + beta).clamp(0, 1)


def _selu(call: NodeCall) -> Any:
    is_usual = all(abs(call.attribute(name, usual) - usual) < 1e-6 for name, usual in _SELU.items())
    return F.selu(call.tensor(0)) if is_usual else NotImplemented


def _softmax(call: NodeCall) -> Tensor:
    function = torch.softmax if call.op_type == "Softmax" else torch.log_softmax
    x, axis = call.tensor(0), call.attribute("axis", -1 if call.opset >= 13 else 1)
    if call.opset >= 13 or axis in (-1, x.ndim - 1):
        return function(x, axis)
    return function(x.flatten(axis), -1).reshape(x.shape)  # before version 13: over all axes from this one


def _prelu(call: NodeCall) -> Tensor:
    x, slope = call.tensor(0), call.tensor(1)
    if slope.numel() == 1 or (x.ndim > 1 and slope.numel() == slope.shape[-x.ndim + 1 :][0] == x.shape[1]):
        return F.prelu(x, slope.reshape(-1))
    return torch.where(x < 0, x * slope, x)


def _where(call: NodeCall) -> Tensor:
    return torch.where(call.tensor(0), call.operand(1), call.operand(2))


def _dropout(call: NodeCall) -> Any:
    is_training = bool(call.numbers(2)) if call.opset >= 12 else False
    return NotImplemented if is_training or call.num_outputs > 1 else call.tensor(0)


def _cast(call: NodeCall) -> Any:
    dtype = DTYPES.get(call.attribute("to"))
    return call.tensor(0).to(dtype) if dtype is not None else NotImplemented


def _extreme_place(call: NodeCall) -> Any:
    function = torch.argmax if call.op_type == "ArgMax" else torch.argmin
    if call.attribute("select_last_index"):
        return NotImplemented
    return function(call.tensor(0), call.attribute("axis", 0), keepdim=bool(call.attribute("keepdims", 1)))


def _is_infinite(call: NodeCall) -> Any:
    has_both = call.attribute("detect_positive", 1) and call.attribute("detect_negative", 1)
    return torch.isinf(call.tensor(0)) if has_both else NotImplemented


def _cumulative_sum(call: NodeCall) -> Any:
    if call.attribute("exclusive") or call.attribute("reverse"):
        return NotImplemented
    return torch.cumsum(call.tensor(0), int(call.numbers(1)))


OPERATORS: Mapping[str, Callable[[NodeCall], Any]] = {
    **{name: _unary(function) for name, function in _UNARY.items()},
    **{name: _binary(function) for name, function in _BINARY.items()},
    **{name: _reduction(function) for name, function in _REDUCTIONS.items()},
    "ArgMax": _extreme_place,
    "ArgMin": _extreme_place,
    "Cast": _cast,
    "CastLike": lambda call: call.tensor(0).to(call.tensor(1).dtype),
    "Celu": lambda call: F.celu(call.tensor(0), call.attribute("alpha", 1.0)),
    "Clip": _clip,
    "CumSum": _cumulative_sum,
    "Div": _divide,
    "Dropout": _dropout,
    "Elu": lambda call: F.elu(call.tensor(0), call.attribute("alpha", 1.0)),
    "Gelu": lambda call: F.gelu(call.tensor(0), approximate=call.attribute("approximate", "none")),
    "HardSigmoid": _hard_sigmoid,
    "LeakyRelu": lambda call: F.leaky_relu(call.tensor(0), call.attribute("alpha", 0.01)),
    "IsInf": _is_infinite,
    "LogSoftmax": _softmax,
    "Max": _folded(torch.maximum),
    "Mean": lambda call: reduce(torch.add, call.tensors()) / len(call.inputs),
    "Min": _folded(torch.minimum),
    "Mod": _modulo,
    "PRelu": _prelu,
    "Selu": _selu,
    "Softmax": _softmax,
    "Sum": _folded(torch.add),
    "Where": _where,
}
