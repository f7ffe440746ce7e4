"""Closed-form shape, stride and dtype of the ops that make up most networks.

A rule answers only where it is sure (dense inputs in the usual memory formats, matching dtypes, fitting sizes) and
returns None otherwise; the meta kernel then decides, or raises. `tests/graph/test_shape_rules.py` holds every rule to
its kernel.
"""

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import torch

from .layout import TensorLayout, is_contiguous, is_dense, row_major, without_gaps
from .records import Tensor
from .view_rules import RULES as VIEW_RULES

Answer = TensorLayout | list[TensorLayout] | None
Rule = Callable[[dict[str, Any]], Answer]


def same(a: dict[str, Any]) -> Answer:
    """Element-wise on one tensor: everything is kept."""
    x = a["input"]
    return TensorLayout(x.shape, x.stride, x.dtype) if x.dtype.is_floating_point and is_dense(x) else None


def dequantize(a: dict[str, Any]) -> Answer:
    """Everything is kept but the dtype; there is no meta kernel."""
    return TensorLayout(a["input"].shape, a["input"].stride, torch.float32) if is_dense(a["input"]) else None


def dropout(a: dict[str, Any]) -> Answer:
    """The input itself in eval mode, and when nothing is dropped."""
    x = a["input"]
    return TensorLayout(x.shape, x.stride, x.dtype, is_view=not a["training"] or a["p"] == 0) if same(a) else None


def softmax(a: dict[str, Any]) -> Answer:
    """Everything is kept, unless another dtype is asked for."""
    x, dim = a["input"], a["dim"]
    if a["dtype"] is not None or type(dim) is not int or not 0 <= dim < x.ndim or not x.dtype.is_floating_point:
        return None
    return row_major(x.shape, x) if is_contiguous(x) else None


def conv(a: dict[str, Any]) -> Answer:
    """Channels of the weight, positions of the window."""
    x, weight, bias, padding, groups = a["input"], a["weight"], a["bias"], a["padding"], a["groups"]
    shape, filters = x.shape, weight.shape
    if len(shape) != len(filters) or x.dtype != weight.dtype or type(padding) is not tuple:
        return None
    if shape[1] != filters[1] * groups or (bias is not None and bias.shape != filters[:1]):
        return None
    if len(padding) != len(filters) - 2 or 0 in shape or filters[0] % groups:
        return None
    spatial = _window_positions(shape[2:], filters[2:], a)
    return row_major((shape[0], filters[0], *spatial), x) if spatial else None


def _window_positions(size: Sequence[int], kernel: Sequence[int], a: dict[str, Any]) -> tuple[int, ...] | None:
    stride, padding, dilation = a["stride"], a["padding"], a.get("dilation") or (1,) * len(size)
    rounding = a.get("ceil_mode", False)
    spatial = []
    for n, k, s, p, d in zip(size, kernel, stride, padding, dilation, strict=True):
        room = n + 2 * p - d * (k - 1) - 1
        if room < 0 or s < 1:
            return None
        steps = room // s
        # A last window may hang over the end, but not start in the padding there.
        if rounding and room % s and (steps + 1) * s < n + p:
            steps += 1
        spatial.append(steps + 1)
    return tuple(spatial)


def pool(a: dict[str, Any]) -> Answer:
    """Max or average over windows."""
    x, kernel = a["input"], a["kernel_size"]
    axes = len(kernel)
    if a.get("return_indices") or x.ndim != axes + 2 or axes == 1 or not is_contiguous(x):
        return None
    if any(2 * p > k or n < k for n, p, k in zip(x.shape[2:], a["padding"], kernel, strict=True)):
        return None
    spatial = _window_positions(x.shape[2:], kernel, a)
    return row_major((*x.shape[:2], *spatial), x) if spatial and x.dtype.is_floating_point else None


def adaptive_avg_pool(a: dict[str, Any]) -> Answer:
    """The size asked for."""
    x, size = a["input"], a["output_size"]
    if x.ndim != len(size) + 2 or len(size) == 1 or not is_contiguous(x) or not x.dtype.is_floating_point:
        return None
    return row_major((*x.shape[:2], *size), x)


def batch_norm(a: dict[str, Any]) -> Answer:
    """Everything is kept, if each vector has one value a channel."""
    x = a["input"]
    if x.ndim < 2 or not x.dtype.is_floating_point or not is_contiguous(x):
        return None
    mean, variance, channels, dtype = a["running_mean"], a["running_var"], x.shape[1:2], x.dtype
    for vector in (a["weight"], a["bias"], mean, variance):
        if vector is not None and (vector.shape != channels or vector.dtype != dtype):
            return None
    if a["training"]:
        return row_major(x.shape, x) if prod(x.shape) > x.shape[1] else None
    return row_major(x.shape, x) if mean is not None and variance is not None else None


def layer_norm(a: dict[str, Any]) -> Answer:
    """Everything is kept, if both vectors have the shape of the last axes."""
    x, shape = a["input"], tuple(a["normalized_shape"])
    if not shape or x.shape[-len(shape) :] != shape or not x.dtype.is_floating_point or not is_dense(x):
        return None
    fits = all(v is None or (v.shape, v.dtype) == (shape, x.dtype) for v in (a["weight"], a["bias"]))
    return row_major(x.shape, x) if fits else None


def linear(a: dict[str, Any]) -> Answer:
    """The last axis becomes that of the weight's rows."""
    x, weight, bias = a["input"], a["weight"], a["bias"]
    if weight.ndim != 2 or x.ndim < 2 or x.shape[-1] != weight.shape[1] or x.dtype != weight.dtype:
        return None
    if 0 in x.shape or (bias is not None and (bias.shape, bias.dtype) != (weight.shape[:1], x.dtype)):
        return None
    return row_major((*x.shape[:-1], weight.shape[0]), x)


def binary(a: dict[str, Any]) -> Answer:
    """Element-wise on two tensors of one shape, or on one and a number or a per-channel gate."""
    x, y = a["input"], a["other"]
    if not isinstance(x, Tensor) or not x.dtype.is_floating_point:
        return None
    if not isinstance(y, Tensor):
        return TensorLayout(x.shape, x.stride, x.dtype) if type(y) in (int, float) and is_dense(x) else None
    if x.dtype != y.dtype:
        return None
    if x.shape == y.shape:
        return TensorLayout(x.shape, x.stride, x.dtype) if x.stride == y.stride and is_dense(x) else None
    if x.ndim != y.ndim or not is_contiguous(x) or not is_contiguous(y):
        return None
    if all(n == m or m == 1 for n, m in zip(x.shape, y.shape, strict=True)):
        return row_major(x.shape, x)
    if all(n == m or n == 1 for n, m in zip(x.shape, y.shape, strict=True)):
        return row_major(y.shape, y)
    return None


def cat(a: dict[str, Any]) -> Answer:
    """Sizes along the axis add up."""
    tensors, dim = a["tensors"], a["dim"]
    first = tensors[0] if tensors else None
    if not isinstance(first, Tensor) or type(dim) is not int or dim >= first.ndim:
        return None
    before, after = first.shape[:dim], first.shape[dim + 1 :]
    length, known = 0, None
    for tensor in tensors:
        shape = tensor.shape
        facts = shape, tensor.stride, tensor.dtype
        if facts != known:  # neighbours are often alike
            if shape[:dim] != before or shape[dim + 1 :] != after or tensor.dtype != first.dtype:
                return None
            if not is_contiguous(tensor):
                return None
            known = facts
        length += shape[dim]
    return row_major((*before, length, *after), first)


def mean(a: dict[str, Any]) -> Answer:
    """Axes are averaged away, or kept with size 1."""
    x, dim = a["input"], a["dim"]
    dims = (dim,) if type(dim) is int else dim
    if not dims or a["dtype"] is not None or not x.dtype.is_floating_point or not is_contiguous(x):
        return None
    if len(set(dims)) != len(dims) or not all(0 <= d < x.ndim for d in dims):
        return None
    if a["keepdim"]:
        return row_major(tuple(1 if axis in dims else size for axis, size in enumerate(x.shape)), x)
    return row_major(tuple(size for axis, size in enumerate(x.shape) if axis not in dims), x)


def matmul(a: dict[str, Any]) -> Answer:
    """Matrices, or equal batches of them."""
    x, y = a["input"], a["other"]
    if not isinstance(x, Tensor) or not isinstance(y, Tensor) or x.ndim != y.ndim or x.ndim < 2:
        return None
    if x.shape[:-2] != y.shape[:-2] or x.shape[-1] != y.shape[-2] or x.dtype != y.dtype:
        return None
    if not x.dtype.is_floating_point or 0 in x.shape or 0 in y.shape:
        return None
    return row_major((*x.shape[:-1], y.shape[-1]), x)


def recurrent(a: dict[str, Any]) -> Answer:
    """Features of every step, then the last states; the kernel would take the steps one by one."""
    x, weights, is_batch_first = a["input"], a["params"], a["batch_first"]
    states = a["hx"] if isinstance(a["hx"], tuple) else (a["hx"],)
    if x.ndim != 3 or 0 in x.shape or not all(isinstance(each, Tensor) and each.ndim == 3 for each in states):
        return None
    batch, directions = x.shape[0 if is_batch_first else 1], 2 if a["bidirectional"] else 1
    if {each.shape[:2] for each in states} != {(a["num_layers"] * directions, batch)}:
        return None
    if weights[0].shape[1] != x.shape[2] or {each.dtype for each in (*states, *weights)} != {x.dtype}:
        return None
    width = states[0].shape[2] * directions
    stride = (width, batch * width, 1) if is_batch_first else (batch * width, width, 1)
    return [TensorLayout((*x.shape[:2], width), stride, x.dtype), *(row_major(each.shape, x) for each in states)]


def attention(a: dict[str, Any]) -> Answer:
    """The queries' shape and order of axes without gaps, as fused kernels have it; the meta kernel is the plain one."""
    query, key, value = a["query"], a["key"], a["value"]
    if not query.ndim == key.ndim == value.ndim == 4 or not query.dtype == key.dtype == value.dtype:
        return None
    if query.shape[:2] != key.shape[:2] or key.shape[:3] != value.shape[:3] or 0 in query.shape:
        return None
    if not query.shape[3] == key.shape[3] == value.shape[3] or not query.dtype.is_floating_point:
        return None
    if {query.stride[3], key.stride[3], value.stride[3]} != {1}:
        return None  # not for the fused kernels
    return TensorLayout(query.shape, without_gaps(query.shape, query.stride), query.dtype)


_ACTIVATIONS = "relu relu6 silu gelu sigmoid tanh hardswish hardsigmoid hardtanh leaky_relu elu mish softplus"

RULES: dict[str, Rule] = {
    **dict.fromkeys(("conv1d", "conv2d", "conv3d"), conv),
    **dict.fromkeys(_ACTIVATIONS.split(), same),
    **dict.fromkeys(("add", "sub", "mul", "div"), binary),
    **dict.fromkeys(("max_pool2d", "max_pool3d", "avg_pool2d", "avg_pool3d"), pool),
    **dict.fromkeys(("adaptive_avg_pool2d", "adaptive_avg_pool3d"), adaptive_avg_pool),
    "batch_norm": batch_norm,
    "layer_norm": layer_norm,
    "linear": linear,
    **dict.fromkeys(("lstm", "gru", "rnn_tanh", "rnn_relu"), recurrent),
    "dequantize": dequantize,
    "dropout": dropout,
    "softmax": softmax,
    "cat": cat,
    "mean": mean,
    "matmul": matmul,
    "scaled_dot_product_attention": attention,
    **VIEW_RULES,
}
