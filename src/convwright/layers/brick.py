"""Description of a layer in its own file, by which tests, tables and pages find it: the folder is the list."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from torch import nn


@dataclass(frozen=True, kw_only=True)
class Brick:
    """A layer with examples that are at once its documentation and its first tests.

    Attributes
    ----------
    layer : type[nn.Module]
        The class this file is about.
    examples : Mapping[str, Callable[[], nn.Module]]
        Name and factory of each example.
    input_shape : tuple[int, ...]
        (N, C, H, W) that every example accepts.
    macs : Mapping[str, int]
        Multiply-accumulates of an example for `input_shape`, where torch's own counter
        (`torch.utils.flop_counter`) misses some.
    """

    layer: type[nn.Module]
    examples: Mapping[str, Callable[[], nn.Module]]
    input_shape: tuple[int, ...] = (2, 8, 9, 11)
    macs: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Pooling(Brick):
    """A pooling layer, with its row of the comparison table.

    Attributes
    ----------
    formula, best_for, downside : str
        Its formula over a window x of N values, its use, and its cost.
    halve : Callable[[bool], nn.Module] or None
        Given ceil_mode, the layer that halves a map; None when the layer does not downsample by a window.
    always_rounds_up : bool
        True if `halve` gives ceil(H / 2) without `ceil_mode` too.
    smallest_map_px : int
        Side of the smallest map that `halve` accepts.
    """

    formula: str
    best_for: str
    downside: str
    halve: Callable[[bool], nn.Module] | None = None
    always_rounds_up: bool = False
    smallest_map_px: int = 1
