"""Memory layout of tensors, and the memory formats that shape rules are sure about."""

from functools import lru_cache
from typing import NamedTuple

import torch

from .records import Tensor


class TensorLayout(NamedTuple):
    """Shape, strides and dtype of an op's result; `is_view` if it takes the memory of the op's first input."""

    shape: tuple[int, ...]
    stride: tuple[int, ...]
    dtype: torch.dtype
    is_view: bool = False


@lru_cache(maxsize=4096)
def contiguous(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return row-major strides.

    >>> contiguous((2, 3, 4))
    (12, 4, 1)
    """
    strides, step = [], 1
    for size in reversed(shape):
        strides.append(step)
        step *= max(size, 1)
    return tuple(reversed(strides))


def strides_of(tensor: torch.Tensor) -> tuple[int, ...]:
    """Return the strides of a tensor; those of a dense one of its shape where it has none, being sparse.

    >>> strides_of(torch.eye(3).to_sparse())
    (3, 1)
    """
    return tensor.stride() if tensor.layout is torch.strided else contiguous(tuple(tensor.shape))


@lru_cache(maxsize=4096)
def channels_last(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return strides with the channel axis innermost, of a (N, C, spatial...) shape.

    >>> channels_last((1, 3, 4, 4))
    (48, 1, 12, 3)
    """
    batch, channels, *spatial = shape
    moved = contiguous((batch, *spatial, channels))
    return (moved[0], moved[-1], *moved[1:-1])


@lru_cache(maxsize=4096)
def without_gaps(shape: tuple[int, ...], stride: tuple[int, ...]) -> tuple[int, ...]:
    """Return the strides of a new tensor with the same order of axes, as `torch.empty_like` finds it.

    >>> without_gaps((2, 3, 4), (36, 4, 24))
    (12, 1, 3)
    """
    return torch.empty_like(torch.empty_strided(shape, stride, device="meta")).stride()


def is_contiguous(tensor: Tensor) -> bool:
    """Return True if the tensor is contiguous (row-major). Empty tensors are never contiguous here."""
    return tensor.stride == contiguous(tensor.shape) and 0 not in tensor.shape


def is_dense(tensor: Tensor) -> bool:
    """Return True if element-wise ops keep the strides."""
    return _is_dense(tensor.shape, tensor.stride)


@lru_cache(maxsize=4096)
def _is_dense(shape: tuple[int, ...], stride: tuple[int, ...]) -> bool:
    if 0 in shape:
        return False
    if stride == contiguous(shape):
        return True
    # Some permutation of rows without gaps. Where an axis of size 1 makes it count as row-major or channels-last
    # all the same, torch writes that format's own strides instead: no answer then.
    expected = 1
    for step, size in sorted(zip(stride, shape, strict=True)):
        if step != expected:
            return False
        expected *= size
    long = [(step, axis) for axis, (step, size) in enumerate(zip(stride, shape, strict=True)) if size > 1]
    if long == sorted(long, reverse=True):
        return False
    return len(shape) not in (4, 5) or 1 not in shape or stride[1] != 1


def row_major(shape: tuple[int, ...], like: Tensor) -> TensorLayout:
    """Return the layout of a new row-major tensor with the dtype of `like`."""
    return TensorLayout(shape, contiguous(shape), like.dtype)
