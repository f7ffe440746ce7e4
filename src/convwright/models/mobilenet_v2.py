"""MobileNetV2: inverted residuals with linear bottlenecks."""

from dataclasses import dataclass

from torch import nn

from ..layers import ConvNormAct, InvertedOptions, MBConv, Stem
from .family import Family
from .net import ConvNet, NetConfig, round_channels

# Sandler et al. 2018, table 2: expansion, channels, blocks, stride of the first block.
_TABLE = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)


@dataclass(frozen=True, kw_only=True)
class MobileNetV2Config(NetConfig):
    """The table of Sandler et al. 2018.

    Attributes
    ----------
    table : tuple of (expansion, channels, blocks, stride)
        A row for each stage.
    stem_channels, final_channels : int
        Width of the stem, and of the last 1x1 convolution (which a width below 1 does not shrink).
    """

    stem: str = "mobile"
    dropout: float = 0.2
    act: str = "relu6"
    table: tuple[tuple[int, int, int, int], ...] = _TABLE
    stem_channels: int = 32
    final_channels: int = 1280


class MobileNetV2(ConvNet):
    """Inverted bottlenecks with linear outputs.

    Shape: (N, in_channels, H, W) -> (N, num_classes).
    Source: Sandler et al. 2018, "MobileNetV2: inverted residuals and linear bottlenecks", table 2.
    """

    init = "mobilenet"

    def __init__(self, config: MobileNetV2Config) -> None:
        options = InvertedOptions(downsample=config.downsample, style=config.style)
        channels = config.channels_of(config.stem_channels)
        stem = Stem(config.stem, config.in_channels, channels, style=config.style)
        stages: list[nn.Module] = []
        for expansion, width, depth, stride in config.table:
            out_channels, blocks = config.channels_of(width), []
            for i in range(config.blocks_of(depth)):
                blocks.append(MBConv(channels, out_channels, channels * expansion, 3, stride if i == 0 else 1, options))
                channels = out_channels
            stages.append(nn.Sequential(*blocks))
        last = round_channels(config.final_channels * max(1.0, config.width))
        super().__init__(
            config,
            stem=stem,
            stages=stages,
            final=ConvNormAct(channels, last, 1, style=config.style),
            num_features=last,
        )


FAMILY = Family(
    module=MobileNetV2,
    variants={"mobilenet_v2": MobileNetV2Config()},
    layouts={
        "torchvision": {
            "stem.conv.conv": "features.0.0",
            "stem.conv.norm": "features.0.1",
            "stages.stage{stage}.{block}.residual.project.conv": "features.{number}.conv.{part}",
            "stages.stage{stage}.{block}.residual.project.norm": "features.{number}.conv.{after}",
            "stages.stage{stage}.{block}.residual.{name}.conv": "features.{number}.conv.{part}.0",
            "stages.stage{stage}.{block}.residual.{name}.norm": "features.{number}.conv.{part}.1",
            "final.conv": "features.18.0",
            "final.norm": "features.18.1",
            "head.linear": "classifier.1",
        }
    },
)
