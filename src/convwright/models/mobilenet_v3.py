"""MobileNetV3: searched inverted residuals with squeeze-excite and hard-swish."""

from dataclasses import dataclass, replace

from torch import nn

from ..layers import ConvNormAct, InvertedOptions, MBConv, Stem
from .family import Family
from .net import ConvNet, NetConfig, round_channels


@dataclass(frozen=True, kw_only=True)
class MobileNetV3Stage:
    """Rows of the paper's table that share a width.

    Attributes
    ----------
    channels, kernel_size, stride : int
        Width out, kernel of the depthwise convolutions, stride of the first.
    expanded : tuple of int
        Width inside each block.
    se : bool
        Squeeze-excite in each block.
    act : str
        Activation.
    """

    channels: int
    expanded: tuple[int, ...]
    kernel_size: int = 3
    stride: int = 1
    se: bool = False
    act: str = "hardswish"


_LARGE = (  # Howard et al. 2019, table 1
    MobileNetV3Stage(channels=16, expanded=(16,), act="relu"),
    MobileNetV3Stage(channels=24, expanded=(64, 72), stride=2, act="relu"),
    MobileNetV3Stage(channels=40, expanded=(72, 120, 120), kernel_size=5, stride=2, se=True, act="relu"),
    MobileNetV3Stage(channels=80, expanded=(240, 200, 184, 184), stride=2),
    MobileNetV3Stage(channels=112, expanded=(480, 672), se=True),
    MobileNetV3Stage(channels=160, expanded=(672, 960, 960), kernel_size=5, stride=2, se=True),
)
_SMALL = (  # Howard et al. 2019, table 2
    MobileNetV3Stage(channels=16, expanded=(16,), stride=2, se=True, act="relu"),
    MobileNetV3Stage(channels=24, expanded=(72, 88), stride=2, act="relu"),
    MobileNetV3Stage(channels=40, expanded=(96, 240, 240), kernel_size=5, stride=2, se=True),
    MobileNetV3Stage(channels=48, expanded=(120, 144), kernel_size=5, se=True),
    MobileNetV3Stage(channels=96, expanded=(288, 576, 576), kernel_size=5, stride=2, se=True),
)


@dataclass(frozen=True, kw_only=True)
class MobileNetV3Config(NetConfig):
    """The tables of Howard et al. 2019.

    Attributes
    ----------
    table : tuple of MobileNetV3Stage
        The stages.
    stem_channels : int
        Width of the stem.
    """

    stem: str = "mobile"
    dropout: float = 0.2
    act: str = "hardswish"
    norm_eps: float = 1e-3
    norm_momentum: float = 0.01
    hidden: int = 1280
    table: tuple[MobileNetV3Stage, ...] = _LARGE
    stem_channels: int = 16


class MobileNetV3(ConvNet):
    """Inverted residuals, a last 1x1 convolution of six times their width, a hidden layer in the head.

    Shape: (N, in_channels, H, W) -> (N, num_classes).
    Source: Howard et al. 2019, "Searching for MobileNetV3", tables 1 and 2.
    """

    init = "mobilenet"

    def __init__(self, config: MobileNetV3Config) -> None:
        channels = config.channels_of(config.stem_channels)
        stem = Stem(config.stem, config.in_channels, channels, style=config.style)
        stages: list[nn.Module] = []
        for row in config.table:
            depth = config.blocks_of(len(row.expanded))
            # A depth multiplier repeats the stage's last block, or cuts it.
            widths = (row.expanded + row.expanded[-1:] * depth)[:depth]
            blocks = []
            for i, width in enumerate(widths):
                blocks.append(self._block(config, row, channels, config.channels_of(width), first=i == 0))
                channels = config.channels_of(row.channels)
            stages.append(nn.Sequential(*blocks))
        last = 6 * channels
        super().__init__(
            config,
            stem=stem,
            stages=stages,
            final=ConvNormAct(channels, last, 1, style=config.style),
            num_features=last,
        )

    @staticmethod
    def _block(
        config: MobileNetV3Config, row: MobileNetV3Stage, in_channels: int, expanded: int, *, first: bool
    ) -> MBConv:
        options = InvertedOptions(
            squeeze_channels=round_channels(expanded / 4) if row.se else 0,
            se_gate="hardsigmoid",
            downsample=config.downsample,
            style=replace(config.style, act=row.act),
        )
        stride = row.stride if first else 1
        return MBConv(in_channels, config.channels_of(row.channels), expanded, row.kernel_size, stride, options)


def _layout(last: int) -> dict[str, str]:
    return {
        "stem.conv.conv": "features.0.0",
        "stem.conv.norm": "features.0.1",
        "stages.stage{stage}.{block}.residual.se.fc{n}": "features.{number}.block.{part}.fc{n}",
        "stages.stage{stage}.{block}.residual.{name}.conv": "features.{number}.block.{part}.0",
        "stages.stage{stage}.{block}.residual.{name}.norm": "features.{number}.block.{part}.1",
        "final.conv": f"features.{last}.0",
        "final.norm": f"features.{last}.1",
        "head.hidden1": "classifier.0",
        "head.linear": "classifier.3",
    }


FAMILY = Family(
    module=MobileNetV3,
    variants={
        "mobilenet_v3_small": MobileNetV3Config(table=_SMALL, hidden=1024),
        "mobilenet_v3_large": MobileNetV3Config(table=_LARGE),
    },
    layouts={"torchvision": _layout(16), "torchvision (small)": _layout(12)},
)
