"""A stage of VGG: 3x3 convolutions at one resolution, then a halving."""

from torch import nn

from ..errors import require_at_least
from .brick import Brick
from .conv import ConvNormAct, ConvStyle
from .downsample import Downsample


class VGGStage(nn.Sequential):
    """`depth` 3x3 convolutions, the last of which halves the map.

    Shape: (N, C, H, W) -> (N, out_channels, H / 2, W / 2), rounded down by the pooling ways.
    Source: Simonyan & Zisserman 2015, "Very deep convolutional networks", table 1.

    Parameters
    ----------
    downsample : str
        One of `downsample_names()`; the paper's "max" by default.

    Examples
    --------
    >>> import torch
    >>> VGGStage(3, 64, depth=2)(torch.ones(1, 3, 32, 32)).shape
    torch.Size([1, 64, 16, 16])
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        depth: int,
        downsample: str = "max",
        *,
        style: ConvStyle = ConvStyle(),
    ) -> None:
        require_at_least("depth of a VGG stage", depth, 1)
        widths = [in_channels] + [out_channels] * depth
        super().__init__(
            *(ConvNormAct(widths[i], widths[i + 1], style=style) for i in range(depth - 1)),
            Downsample(widths[-2], out_channels, downsample, ceil_mode=False, style=style),
        )


BRICK = Brick(
    layer=VGGStage,
    examples={
        "max": lambda: VGGStage(8, 16, 2),
        "no norm": lambda: VGGStage(8, 16, 1, style=ConvStyle(norm="none")),
    },
)
