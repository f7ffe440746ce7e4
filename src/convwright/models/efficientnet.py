"""EfficientNet: MBConv with squeeze-excite, scaled in depth, width and resolution together."""

from dataclasses import dataclass, replace

from torch import nn

from ..layers import ConvNormAct, ConvStyle, InvertedOptions, MBConv, Stem
from .family import Family
from .net import ConvNet, NetConfig

# Tan & Le 2019, table 1: expansion, channels, blocks, kernel, stride of the first block.
B0_TABLE = (
    (1, 16, 1, 3, 1),
    (6, 24, 2, 3, 2),
    (6, 40, 2, 5, 2),
    (6, 80, 3, 3, 2),
    (6, 112, 3, 5, 1),
    (6, 192, 4, 5, 2),
    (6, 320, 1, 3, 1),
)


@dataclass(frozen=True, kw_only=True)
class EfficientNetConfig(NetConfig):
    """The table of Tan & Le 2019.

    Attributes
    ----------
    table : tuple of (expansion, channels, blocks, kernel_size, stride)
        A row for each stage.
    stem_channels, final_channels : int
        Width of the stem and of the last 1x1 convolution.
    se_ratio : float
        Squeeze width as a fraction of the block's INPUT channels; 0 for no squeeze-excite.
    drop_path : float
        Probability to drop the residual branch of the last block; earlier blocks have proportionally less.
    padding : {"symmetric", "same"}
        See `ConvStyle`.
    lite : bool
        Keep stem, last convolution and the first and last stage as they are when scaling (EfficientNet-Lite).
    """

    stem: str = "mobile"
    dropout: float = 0.2
    act: str = "silu"
    table: tuple[tuple[int, int, int, int, int], ...] = B0_TABLE
    stem_channels: int = 32
    final_channels: int = 1280
    se_ratio: float = 0.25
    drop_path: float = 0.2
    padding: str = "symmetric"
    lite: bool = False

    @property
    def style(self) -> ConvStyle:
        """Norm, activation and padding of the convolutions."""
        return replace(super().style, padding=self.padding)  # type: ignore[arg-type]

    def ends_of(self, channels: int) -> int:
        """Width of the stem or the last convolution after scaling."""
        return channels if self.lite else self.channels_of(channels)

    def depths(self) -> list[int]:
        """Blocks of each stage after scaling."""
        last = len(self.table) - 1
        return [
            n if self.lite and i in (0, last) else self.blocks_of(n) for i, (_, _, n, _, _) in enumerate(self.table)
        ]


class EfficientNet(ConvNet):
    """Seven stages of MBConv and a last 1x1 convolution.

    Shape: (N, in_channels, H, W) -> (N, num_classes).
    Source: Tan & Le 2019, "EfficientNet: rethinking model scaling for convolutional neural networks", table 1.
    """

    init = "efficientnet"

    def __init__(self, config: EfficientNetConfig) -> None:
        channels = config.ends_of(config.stem_channels)
        stem = Stem(config.stem, config.in_channels, channels, style=config.style)
        depths = config.depths()
        stages: list[nn.Module] = []
        for row, depth in zip(config.table, depths, strict=True):
            expansion, width, _, kernel_size, stride = row
            out_channels, blocks = config.channels_of(width), []
            for i in range(depth):
                number = sum(depths[: len(stages)]) + i
                options = self._options(config, channels, config.drop_path * number / sum(depths))
                expanded = channels * expansion
                blocks.append(MBConv(channels, out_channels, expanded, kernel_size, stride if i == 0 else 1, options))
                channels = out_channels
            stages.append(nn.Sequential(*blocks))
        last = config.ends_of(config.final_channels)
        super().__init__(
            config,
            stem=stem,
            stages=stages,
            final=ConvNormAct(channels, last, 1, style=config.style),
            num_features=last,
        )

    @staticmethod
    def _options(config: EfficientNetConfig, in_channels: int, drop_path: float) -> InvertedOptions:
        return InvertedOptions(
            squeeze_channels=max(1, int(in_channels * config.se_ratio)) if config.se_ratio else 0,
            se_act=config.act,
            downsample=config.downsample,
            drop_path=drop_path,
            style=config.style,
        )


# Tan & Le 2019, as released: width, depth, resolution in pixels, dropout.
OFFICIAL = {
    "b0": (1.0, 1.0, 224, 0.2),
    "b1": (1.0, 1.1, 240, 0.2),
    "b2": (1.1, 1.2, 260, 0.3),
    "b3": (1.2, 1.4, 300, 0.3),
    "b4": (1.4, 1.8, 380, 0.4),
    "b5": (1.6, 2.2, 456, 0.4),
    "b6": (1.8, 2.6, 528, 0.5),
    "b7": (2.0, 3.1, 600, 0.5),
}


def _official(name: str) -> EfficientNetConfig:
    width, depth, resolution, dropout = OFFICIAL[name]
    scaled = EfficientNetConfig(width=width, depth=depth, input_size=resolution, dropout=dropout)
    # torchvision trains B5 to B7 with the reference code's batch norm.
    return replace(scaled, norm_eps=1e-3, norm_momentum=0.01) if name >= "b5" else scaled


FAMILY = Family(
    module=EfficientNet,
    variants={f"efficientnet_{name}": _official(name) for name in OFFICIAL},
    layouts={
        "torchvision": {
            "stem.conv.conv": "features.0.0",
            "stem.conv.norm": "features.0.1",
            "stages.stage{stage}.{block}.residual.se.fc{n}": "features.{stage}.{block}.block.{part}.fc{n}",
            "stages.stage{stage}.{block}.residual.{name}.conv": "features.{stage}.{block}.block.{part}.0",
            "stages.stage{stage}.{block}.residual.{name}.norm": "features.{stage}.{block}.block.{part}.1",
            "final.conv": "features.8.0",
            "final.norm": "features.8.1",
            "head.linear": "classifier.1",
        }
    },
)
