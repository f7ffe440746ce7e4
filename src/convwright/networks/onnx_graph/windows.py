"""Operators of ONNX that slide a window, multiply matrices or normalize."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from .node_call import NodeCall

_CONVOLUTIONS = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
_TRANSPOSED = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}
_MAX_POOLS: Mapping[int, Any] = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}
_MEAN_POOLS: Mapping[int, Any] = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}
_GLOBAL_MEANS = {1: F.adaptive_avg_pool1d, 2: F.adaptive_avg_pool2d, 3: F.adaptive_avg_pool3d}
_GLOBAL_MAXIMA = {1: F.adaptive_max_pool1d, 2: F.adaptive_max_pool2d, 3: F.adaptive_max_pool3d}

Pads = tuple[tuple[int, ...], tuple[int, ...]]


def pads_of(call: NodeCall, sizes: Sequence[int], kernel: Sequence[int]) -> Pads:
    """Return the padding before and after each axis.

    SAME_UPPER and SAME_LOWER make as many outputs as an axis has steps; the odd pixel goes to its end or its start.
    """
    strides, dilations = (tuple(call.attribute(name, (1,) * len(sizes))) for name in ("strides", "dilations"))
    how, count = call.attribute("auto_pad", "NOTSET"), len(sizes)
    if how == "NOTSET":
        pads = call.attribute("pads", (0,) * (2 * count))
        return tuple(pads[:count]), tuple(pads[count:])
    if how == "VALID":
        return (0,) * count, (0,) * count
    total = [
        max((-(-size // stride) - 1) * stride + (width - 1) * dilation + 1 - size, 0)
        for size, width, stride, dilation in zip(sizes, kernel, strides, dilations, strict=True)
    ]
    less, more = tuple(each // 2 for each in total), tuple(each - each // 2 for each in total)
    return (less, more) if how == "SAME_UPPER" else (more, less)


def _padded(x: Tensor, pads: Pads, value: float = 0.0) -> Tensor:
    """Pad the last axes of a map."""
    pairs = [*zip(*pads, strict=True)]
    return F.pad(x, [size for pair in reversed(pairs) for size in pair], value=value)


def _convolution(call: NodeCall) -> Any:
    x, weight = call.tensor(0), call.tensor(1)
    count = weight.ndim - 2
    if count not in _CONVOLUTIONS:
        return NotImplemented
    pads = pads_of(call, x.shape[2:], weight.shape[2:])
    if pads[0] != pads[1]:
        x = _padded(x, pads)
    ones = (1,) * count
    return _CONVOLUTIONS[count](
        x,
        weight,
        call.optional(2),
        stride=tuple(call.attribute("strides", ones)),
        padding=pads[0] if pads[0] == pads[1] else 0,
        dilation=tuple(call.attribute("dilations", ones)),
        groups=call.attribute("group", 1),
    )


def _transposed_convolution(call: NodeCall) -> Any:
    x, weight = call.tensor(0), call.tensor(1)
    count = weight.ndim - 2
    is_automatic = call.attribute("auto_pad", "NOTSET") != "NOTSET" or call.attribute("output_shape")
    if count not in _TRANSPOSED or is_automatic:
        return NotImplemented
    before, after = pads_of(call, x.shape[2:], weight.shape[2:])
    strides, dilations = (tuple(call.attribute(name, (1,) * count)) for name in ("strides", "dilations"))
    extra = call.attribute("output_padding", (0,) * count)
    # torch pads both ends alike: less at the end is more output there.
    extra = tuple(more + first - last for more, first, last in zip(extra, before, after, strict=True))
    if any(not 0 <= e < max(s, d) for e, s, d in zip(extra, strides, dilations, strict=True)) and any(extra):
        return NotImplemented
    rest = {"stride": strides, "padding": before, "output_padding": extra, "dilation": dilations}
    return _TRANSPOSED[count](x, weight, call.optional(2), groups=call.attribute("group", 1), **rest)


def _pooling(call: NodeCall) -> Any:
    x, kernel = call.tensor(0), tuple(call.attribute("kernel_shape"))
    count, is_max = len(kernel), call.op_type == "MaxPool"
    pads = pads_of(call, x.shape[2:], kernel)
    dilations = tuple(call.attribute("dilations", (1,) * count))
    with_pad = bool(call.attribute("count_include_pad", 0))
    is_even = pads[0] == pads[1] and all(2 * pad <= width for pad, width in zip(pads[0], kernel, strict=True))
    is_odd_mean = not is_max and (set(dilations) != {1} or not (is_even or with_pad))
    if count not in _MAX_POOLS or call.num_outputs > 1 or is_odd_mean:
        return NotImplemented
    if not is_even:
        x = _padded(x, pads, float("-inf") if is_max else 0.0)
    rest = {
        "stride": tuple(call.attribute("strides", (1,) * count)),
        "padding": pads[0] if is_even else 0,
        "ceil_mode": bool(call.attribute("ceil_mode", 0)),
    }
    if is_max:
        return _MAX_POOLS[count](x, kernel, dilation=dilations, **rest)
    return _MEAN_POOLS[count](x, kernel, count_include_pad=with_pad, **rest)


def _global_pooling(call: NodeCall) -> Any:
    x = call.tensor(0)
    pools = _GLOBAL_MEANS if call.op_type == "GlobalAveragePool" else _GLOBAL_MAXIMA
    return pools[x.ndim - 2](x, 1) if x.ndim - 2 in pools else NotImplemented


def _gemm(call: NodeCall) -> Any:
    a, b, c = call.tensor(0), call.tensor(1), call.optional(2)
    alpha, beta = call.attribute("alpha", 1.0), call.attribute("beta", 1.0)
    a = a.t() if call.attribute("transA", 0) else a
    if alpha == beta == 1 and (c is None or c.shape == (b.shape[0 if call.attribute("transB", 0) else 1],)):
        return F.linear(a, b if call.attribute("transB", 0) else b.t(), c)
    product = alpha * (a @ (b.t() if call.attribute("transB", 0) else b))
    return product if c is None else product + beta * c


def _batch_norm(call: NodeCall) -> Any:
    if call.attribute("training_mode", 0) or call.num_outputs > 1:
        return NotImplemented
    x, scale, bias, mean, variance = (call.tensor(place) for place in range(5))
    return F.batch_norm(x, mean, variance, scale, bias, training=False, eps=call.attribute("epsilon", 1e-5))


def _instance_norm(call: NodeCall) -> Tensor:
    x, scale, bias = (call.tensor(place) for place in range(3))
    return F.instance_norm(x, weight=scale, bias=bias, eps=call.attribute("epsilon", 1e-5))


def _layer_norm(call: NodeCall) -> Any:
    x, scale = call.tensor(0), call.tensor(1)
    sizes = tuple(x.shape[call.attribute("axis", -1) :])
    if call.num_outputs > 1 or tuple(scale.shape) != sizes:
        return NotImplemented
    return F.layer_norm(x, sizes, scale, call.optional(2), eps=call.attribute("epsilon", 1e-5))


def _group_norm(call: NodeCall) -> Any:
    x, scale, bias = (call.tensor(place) for place in range(3))
    if scale.shape[0] != x.shape[1]:  # before version 21: one number for each group
        return NotImplemented
    return F.group_norm(x, call.attribute("num_groups"), scale, bias, eps=call.attribute("epsilon", 1e-5))


def _response_norm(call: NodeCall) -> Any:
    size, alpha, beta = call.attribute("size"), call.attribute("alpha", 1e-4), call.attribute("beta", 0.75)
    if size % 2 == 0:  # ONNX and torch give the odd channel to different sides
        return NotImplemented
    return F.local_response_norm(call.tensor(0), size, alpha=alpha, beta=beta, k=call.attribute("bias", 1.0))


def _unit_norm(call: NodeCall) -> Tensor:
    return F.normalize(call.tensor(0), p=call.attribute("p", 2), dim=call.attribute("axis", -1))


OPERATORS: Mapping[str, Callable[[NodeCall], Any]] = {
    "AveragePool": _pooling,
    "BatchNormalization": _batch_norm,
    "Conv": _convolution,
    "ConvTranspose": _transposed_convolution,
    "Einsum": lambda call: torch.einsum(call.attribute("equation"), *call.tensors()),
    "Gemm": _gemm,
    "GlobalAveragePool": _global_pooling,
    "GlobalMaxPool": _global_pooling,
    "GroupNormalization": _group_norm,
    "InstanceNormalization": _instance_norm,
    "LRN": _response_norm,
    "LayerNormalization": _layer_norm,
    "LpNormalization": _unit_norm,
    "MatMul": lambda call: torch.matmul(call.tensor(0), call.tensor(1)),
    "MaxPool": _pooling,
}
