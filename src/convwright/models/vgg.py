"""VGG: nothing but 3x3 convolutions and pooling."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..errors import ConvwrightError
from ..layers import ConvStyle, Stem, VGGStage
from .family import Family
from .net import ConvNet, NetConfig


@dataclass(frozen=True, kw_only=True)
class VGGConfig(NetConfig):
    """The table of Simonyan & Zisserman 2015.

    Attributes
    ----------
    convs, channels : tuple of int
        For each stage: how many convolutions, and their width.
    stem_channels : int
        Width of a stem, for any `stem` but "none".
    conv_bias : bool
        True for convolutions with a bias; the published networks have one even before a batch norm.
    """

    stem: str = "none"
    head: str = "fc"
    downsample: str = "max"
    dropout: float = 0.5
    norm: str = "none"  # type: ignore[assignment]
    convs: tuple[int, ...] = (2, 2, 3, 3, 3)
    channels: tuple[int, ...] = (64, 128, 256, 512, 512)
    stem_channels: int = 64
    conv_bias: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.convs) != len(self.channels) or not self.convs:
            raise ConvwrightError(f"convs={self.convs} and channels={self.channels} clash", expected="equal lengths")

    @property
    def style(self) -> ConvStyle:
        """Norm, activation and bias of the convolutions."""
        return replace(super().style, bias=self.conv_bias)


class VGG(ConvNet):
    """Five stages of 3x3 convolutions, each ending in a halving.

    Shape: (N, in_channels, H, W) -> (N, num_classes).
    Source: Simonyan & Zisserman 2015, "Very deep convolutional networks for large-scale image recognition", table 1.
    """

    init = "vgg"

    def __init__(self, config: VGGConfig) -> None:
        first = config.in_channels if config.stem == "none" else config.channels_of(config.stem_channels)
        widths = [first, *(config.channels_of(c) for c in config.channels)]
        super().__init__(
            config,
            stem=Stem(config.stem, config.in_channels, first, style=config.style),
            stages=[
                VGGStage(widths[i], widths[i + 1], config.blocks_of(convs), config.downsample, style=config.style)
                for i, convs in enumerate(config.convs)
            ],
            final=None,
            num_features=widths[-1],
        )


_TABLE = {
    "vgg11": VGGConfig(convs=(1, 1, 2, 2, 2)),
    "vgg13": VGGConfig(convs=(2, 2, 2, 2, 2)),
    "vgg16": VGGConfig(convs=(2, 2, 3, 3, 3)),
    "vgg19": VGGConfig(convs=(2, 2, 4, 4, 4)),
}


def _with_norm_and_gap(table: Mapping[str, VGGConfig]) -> dict[str, VGGConfig]:
    normed = {f"{name}_bn": replace(config, norm="batch") for name, config in table.items()}
    both = {**table, **normed}
    return both | {f"{name}_gap": replace(config, head="gap", dropout=0.0) for name, config in both.items()}


FAMILY = Family(
    module=VGG,
    variants={
        **_with_norm_and_gap(_TABLE),
        "vgg16_bn_cifar": VGGConfig(
            norm="batch", conv_bias=False, head="gap", dropout=0.0, num_classes=10, input_size=32
        ),
    },
    layouts={
        "torchvision": {
            "stages.stage{stage}.{block}.conv": "features.{leaf}",
            "stages.stage{stage}.{block}.norm": "features.{leaf}",
            "head.hidden1": "classifier.0",
            "head.hidden2": "classifier.3",
            "head.linear": "classifier.6",
        }
    },
    smallest_image_px=lambda config: 2 ** len(config.convs),  # every stage halves and rounds down
)
