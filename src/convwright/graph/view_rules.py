"""Closed-form layouts of views: the same memory under another shape."""

from collections.abc import Callable
from math import prod
from typing import Any

from .layout import TensorLayout, contiguous, is_contiguous
from .records import Tensor


def flatten(a: dict[str, Any]) -> TensorLayout | None:
    """Adjacent axes become one."""
    x, start, end = a["input"], a["start_dim"], a["end_dim"]
    if not 0 <= start <= end < x.ndim or not is_contiguous(x):
        return None
    shape = (*x.shape[:start], prod(x.shape[start : end + 1]), *x.shape[end + 1 :])
    return TensorLayout(shape, contiguous(shape), x.dtype, is_view=True)


def reshape(a: dict[str, Any]) -> TensorLayout | None:
    """The same elements in another shape, one size of which may be -1."""
    x, shape = a["input"], a.get("size") or a.get("shape") or ()
    if not is_contiguous(x) or not all(type(size) is int for size in shape):
        return None
    known = prod(size for size in shape if size != -1)
    if shape.count(-1) == 1 and known and x.numel % known == 0:
        shape = tuple(x.numel // known if size == -1 else size for size in shape)
    if min(shape, default=-1) < 0 or prod(shape) != x.numel:
        return None
    return TensorLayout(shape, contiguous(shape), x.dtype, is_view=True)


def permute(a: dict[str, Any]) -> TensorLayout | None:
    """The axes in another order."""
    x, dims = a["input"], a["dims"]
    if sorted(dims) != list(range(x.ndim)):
        return None
    return TensorLayout(tuple(x.shape[d] for d in dims), tuple(x.stride[d] for d in dims), x.dtype, is_view=True)


def transpose(a: dict[str, Any]) -> TensorLayout | None:
    """Two axes change places."""
    x, first, second = a["input"], a["dim0"], a["dim1"]
    if not (type(first) is int and type(second) is int and 0 <= first < x.ndim and 0 <= second < x.ndim):
        return None
    dims = list(range(x.ndim))
    dims[first], dims[second] = second, first
    return permute({"input": x, "dims": dims})


def chunk(a: dict[str, Any]) -> list[TensorLayout] | None:
    """Views of equal length along an axis; the last may be shorter."""
    x, chunks, dim = a["input"], a["chunks"], a["dim"]
    if type(chunks) is not int or chunks < 1 or not 0 <= dim < x.ndim or x.shape[dim] == 0:
        return None
    return _pieces(x, -(-x.shape[dim] // chunks), dim)


def split(a: dict[str, Any]) -> list[TensorLayout] | None:
    """Views of the given length along an axis; the last may be shorter."""
    x, length, dim = a["input"], a["split_size_or_sections"], a["dim"]
    if type(length) is not int or length < 1 or not 0 <= dim < x.ndim or x.shape[dim] == 0:
        return None
    return _pieces(x, length, dim)


def _pieces(x: Tensor, length: int, dim: int) -> list[TensorLayout]:
    size = x.shape[dim]
    lengths = [min(length, size - start) for start in range(0, size, length)]
    return [TensorLayout((*x.shape[:dim], n, *x.shape[dim + 1 :]), x.stride, x.dtype, is_view=True) for n in lengths]


def unbind(a: dict[str, Any]) -> list[TensorLayout] | None:
    """A view for each position of an axis, which vanishes."""
    x, dim = a["input"], a["dim"]
    if type(dim) is not int or not 0 <= dim < x.ndim or not isinstance(x, Tensor):
        return None
    shape, stride = (each[:dim] + each[dim + 1 :] for each in (x.shape, x.stride))
    return [TensorLayout(shape, stride, x.dtype, is_view=True)] * x.shape[dim]


RULES: dict[str, Callable[[dict[str, Any]], TensorLayout | list[TensorLayout] | None]] = {
    "flatten": flatten,
    "view": reshape,
    "reshape": reshape,
    "permute": permute,
    "transpose": transpose,
    "chunk": chunk,
    "split": split,
    "unbind": unbind,
}
