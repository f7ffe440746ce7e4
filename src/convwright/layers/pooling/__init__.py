"""Pooling layers, a file each; all take kernel_size, stride and padding as torch does."""

from functools import cache
from typing import cast

from ...discover import discover
from ..brick import Pooling
from .average import AvgPool2d
from .blur import BlurPool2d
from .gated import GatedPool2d
from .gem import GeMPool2d
from .global_average import GlobalAveragePool2d
from .lp import LpPool2d
from .max import MaxPool2d
from .mixed import MixedPool2d
from .stochastic import StochasticPool2d

__all__ = [
    "AvgPool2d",
    "BlurPool2d",
    "GatedPool2d",
    "GeMPool2d",
    "GlobalAveragePool2d",
    "LpPool2d",
    "MaxPool2d",
    "MixedPool2d",
    "StochasticPool2d",
    "poolings",
]


@cache
def poolings() -> dict[str, Pooling]:
    """Every pooling layer of this folder by its file's name.

    >>> {"average", "gem", "global_average", "max"} <= set(poolings())
    True
    """
    return cast(dict[str, Pooling], discover(__name__, "BRICK"))
