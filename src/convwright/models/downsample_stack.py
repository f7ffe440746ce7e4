"""The course's three ways to halve a map, stacked: convolution + max pool, strided convolution, convolution + average.

The blocks have no norm, as in the course, so that they differ in the halving alone.
"""

from dataclasses import dataclass
from itertools import pairwise

from ..layers import Downsample, Stem
from .family import Family
from .net import ConvNet, NetConfig


@dataclass(frozen=True, kw_only=True)
class DownsampleStackConfig(NetConfig):
    """Widths of the stack.

    Attributes
    ----------
    channels : tuple of int
        Width of the stem, then of every halving block.
    """

    num_classes: int = 10
    input_size: int = 32
    stem: str = "cifar"
    norm: str = "none"  # type: ignore[assignment]
    channels: tuple[int, ...] = (64, 128, 256, 512)


class DownsampleStack(ConvNet):
    """A stem, then halving blocks of growing width.

    Shape: (N, in_channels, H, W) -> (N, num_classes).
    """

    init = "resnet"

    def __init__(self, config: DownsampleStackConfig) -> None:
        widths = [config.channels_of(c) for c in config.channels]
        super().__init__(
            config,
            stem=Stem(config.stem, config.in_channels, widths[0], style=config.style),
            stages=[
                Downsample(before, after, config.downsample, style=config.style) for before, after in pairwise(widths)
            ],
            final=None,
            num_features=widths[-1],
        )


FAMILY = Family(
    module=DownsampleStack,
    variants={
        f"downsample_stack_{kind}": DownsampleStackConfig(downsample=kind) for kind in ("max", "strided", "average")
    },
    has_blocks=False,
)
