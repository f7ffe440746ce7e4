"""Filters with a meaning, of any size, such as a convolution could learn."""

from collections.abc import Callable, Mapping
from math import comb

import torch
from torch import Tensor

from ...errors import ConvwrightError


def filter_of(name: str, kernel_size: int) -> Tensor:
    """Return the weights (kernel_size, kernel_size) of a filter of `FILTERS`.

    Raises
    ------
    ConvwrightError
        When the window is too small to hold it.

    Examples
    --------
    >>> filter_of("vertical edges", 3).tolist()  # Sobel's, which turns a step from 0 to 1 into 1
    [[-0.25, 0.0, 0.25], [-0.5, 0.0, 0.5], [-0.25, 0.0, 0.25]]
    """
    weights = FILTERS[name](kernel_size)
    if not weights.any():
        raise ConvwrightError(f"a filter for {name}", expected="a kernel_size of at least 2", got=str(kernel_size))
    return weights


def _binomial(size: int) -> Tensor:
    return torch.tensor([comb(size - 1, tap) / 2 ** (size - 1) for tap in range(size)])


def _step(size: int) -> Tensor:
    """Left against right: sums to 0, the right half to 1."""
    ramp = torch.linspace(-1, 1, size) if size > 1 else torch.zeros(1)
    return ramp / ramp.clamp(min=0).sum().clamp(min=1)


def _center(size: int) -> Tensor:
    weights = torch.zeros(size, size)
    weights[size // 2, size // 2] = 1
    return weights


def _mean(size: int) -> Tensor:
    return torch.full((size, size), 1 / size**2)


FILTERS: Mapping[str, Callable[[int], Tensor]] = {
    "vertical edges": lambda size: torch.outer(_binomial(size), _step(size)),
    "horizontal edges": lambda size: torch.outer(_step(size), _binomial(size)),
    "outline": lambda size: _center(size) - _mean(size),
    "sharpen": lambda size: 2 * _center(size) - _mean(size),
    "blur": lambda size: torch.outer(_binomial(size), _binomial(size)),
    "mean": _mean,
    "leave as it is": _center,
}
