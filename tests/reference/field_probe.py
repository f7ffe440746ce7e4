"""The receptive field measured instead of derived, for any module: see where a NaN gets to.

An output is NaN exactly when something it reads is. Flooding the image with NaN up to a row, row after row, shows
from which row on each output position sees the flood; the same from the other three sides gives its field.
"""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


def measured_fields(
    model: nn.Module,
    shape: tuple[int, ...],
    *,
    axes: tuple[int, ...] | None = None,
    output: Callable[[Any], torch.Tensor] | None = None,
    batch_size: int = 64,
) -> tuple[tuple[Ints, Ints], ...]:
    """First and last pixel that every element of a module's output reads, per image axis; first > last where none.

    A copy of the module runs in double precision and eval mode, twice per row and column of the image. Its weights
    must be finite; a weight of zero counts, since 0 * NaN is NaN. Ops that hide NaN (comparisons, `torch.where`) hide
    what they read.

    Parameters
    ----------
    model : nn.Module
        Any module that treats the images of a batch alike.
    shape : tuple of int
        Of the input, with a batch axis, which is replaced.
    axes : tuple of int, optional
        The image axes of the input; by default all from the third.
    output : callable, optional
        Picks a tensor from what the module returns.
    batch_size : int
        Floods at a time.

    Returns
    -------
    tuple of (array, array)
        Each of the shape of the output without its batch axis.

    Examples
    --------
    >>> ((first, last),) = measured_fields(nn.Conv1d(1, 1, 3, padding=1), (1, 1, 5))
    >>> first, last
    (array([[0, 0, 1, 2, 3]]), array([[1, 2, 3, 4, 4]]))
    """
    model = copy.deepcopy(model).double().eval()
    return tuple(
        _sides(model, shape, axis, output or _itself, batch_size)
        for axis in (range(2, len(shape)) if axes is None else axes)
    )


def _itself(result: Any) -> torch.Tensor:
    return next(iter(result.values())) if isinstance(result, dict) else result  # type: ignore[no-any-return]


def _sides(
    model: nn.Module, shape: tuple[int, ...], axis: int, output: Callable[[Any], torch.Tensor], batch_size: int
) -> tuple[Ints, Ints]:
    size = shape[axis]
    floods = torch.zeros(2 * size, size, dtype=torch.bool)
    for row in range(size):
        floods[row, : row + 1] = True
        floods[size + row, row:] = True
    wet: list[Bools] = []
    dry = torch.linspace(-1, 1, torch.Size(shape[1:]).numel(), dtype=torch.double).reshape(1, *shape[1:])
    for chunk in torch.split(floods, batch_size):
        mask = chunk.reshape(len(chunk), *(size if place == axis else 1 for place in range(1, len(shape))))
        with torch.no_grad():
            result = output(model(torch.where(mask, torch.nan, dry)))
        wet.append(result.isnan().numpy())
    flooded = np.concatenate(wet)
    # The first row whose flood from above arrives is the first row seen; from below, the last.
    first = size - flooded[:size].sum(0)
    last = flooded[size:].sum(0) - 1
    return first, last
