"""How the elements of a tensor lie in memory, and the memory formats that shape rules are sure about."""

from functools import lru_cache
from typing import NamedTuple

import torch

from .records import Tensor


class Layout(NamedTuple):
    """What a rule says of the tensor an op makes; `is_view` when it takes the memory of the op's first input."""

    shape: tuple[int, ...]
    stride: tuple[int, ...]
    dtype: torch.dtype
    is_view: bool = False


@lru_cache(maxsize=4096)
def contiguous(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Row-major strides.

    >>> contiguous((2, 3, 4))
    (12, 4, 1)
    """
    strides, step = [], 1
    for size in reversed(shape):
        strides.append(step)
        step *= max(size, 1)
    return tuple(reversed(strides))


@lru_cache(maxsize=4096)
def channels_last(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Strides with the channel axis innermost, of a (N, C, spatial...) shape.

    >>> channels_last((1, 3, 4, 4))
    (48, 1, 12, 3)
    """
    batch, channels, *spatial = shape
    moved = contiguous((batch, *spatial, channels))
    return (moved[0], moved[-1], *moved[1:-1])


def is_contiguous(tensor: Tensor) -> bool:
    """Whether the elements lie row by row; an empty tensor has no say."""
    return tensor.stride == contiguous(tensor.shape) and 0 not in tensor.shape


def is_dense(tensor: Tensor) -> bool:
    """Whether element-wise ops keep the strides as they are."""
    if is_contiguous(tensor):
        return True
    return tensor.ndim in (4, 5) and 1 not in tensor.shape and tensor.stride == channels_last(tensor.shape)


def made(shape: tuple[int, ...], like: Tensor) -> Layout:
    """A new row-major tensor of the dtype of `like`."""
    return Layout(shape, contiguous(shape), like.dtype)
