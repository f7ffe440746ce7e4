"""Description of an architecture in its own file: the folder is the list."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .net import ConvNet, NetConfig


@dataclass(frozen=True, kw_only=True)
class Family:
    """One architecture and its published variants.

    Attributes
    ----------
    module : Callable[[config], ConvNet]
        The class, called with a config of the family.
    variants : Mapping[str, NetConfig]
        The paper's table: name -> config.
    layouts : Mapping[str, Mapping[str, str]]
        Other libraries' names for our layers, by library; see `key_names.translate`.
    smallest_image_px : Callable[[config], int]
        Side of the smallest image that a variant accepts. One pixel is enough unless a halving rounds down.
    has_blocks : bool
        True if the stages repeat a block, so that `depth` makes the network deeper.
    """

    module: Callable[[Any], ConvNet]
    variants: Mapping[str, NetConfig]
    layouts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    smallest_image_px: Callable[[Any], int] = lambda config: 1  # noqa: ARG005
    has_blocks: bool = True
