"""A small network for short trainings: wide, shallow, and pooled before it is normalized.

Source: after Jordan 2024, "94% on CIFAR-10 in 3.29 seconds on a single GPU", with a learned 3x3 stem in place of
whitened patches, wider windows, and averages in the head.
"""

from collections import OrderedDict
from dataclasses import dataclass
from itertools import pairwise

from torch import nn

from ..layers import ConvNormAct, ConvStyle, MaxPool2d, Stem
from .family import Family
from .net import ConvNet, NetConfig


@dataclass(frozen=True, kw_only=True)
class SpeedCNNConfig(NetConfig):
    """Widths of the stem and the stages.

    Attributes
    ----------
    stem_channels : int
        Few, since the first map is the largest.
    channels : tuple of int
        Width of each stage.
    blocks : tuple of int
        Convolutions after the first of every stage.
    """

    num_classes: int = 10
    input_size: int = 32
    stem: str = "cifar"
    act: str = "gelu"
    stem_channels: int = 24
    channels: tuple[int, ...] = (64, 256, 256)
    blocks: tuple[int, ...] = (1, 1, 2)


class PoolFirstStage(nn.Sequential):
    """Convolution, maximum of 3x3, norm, activation, then more convolutions, each with its norm and activation.

    Pooled before the norm, the norm and the activation see a quarter of the map. Without padding, maps of 32 pixels
    become 15, 7 and 3, which costs a fifth less than 16, 8 and 4.

    Shape: (N, in_channels, H, W) -> (N, out_channels, (H - 1) // 2, (W - 1) // 2).
    """

    def __init__(self, in_channels: int, out_channels: int, num_more: int, *, style: ConvStyle) -> None:
        layers: dict[str, nn.Module] = {
            "conv1": style.conv(in_channels, out_channels, 3, bias=style.norm == "none"),
            "pool": MaxPool2d(3, stride=2),
            **style.norm_acts(out_channels),
        }
        for i in range(num_more):
            layers[f"conv{i + 2}"] = ConvNormAct(out_channels, out_channels, 3, style=style)
        super().__init__(OrderedDict(layers))


class SpeedCNN(ConvNet):
    """A stem of one convolution, then stages that halve.

    Shape: (N, in_channels, H, W) -> (N, num_classes).
    """

    init = "resnet"

    def __init__(self, config: SpeedCNNConfig) -> None:
        widths = [config.channels_of(c) for c in (config.stem_channels, *config.channels)]
        style, more = config.style, [config.blocks_of(number) for number in config.blocks]
        super().__init__(
            config,
            stem=Stem(config.stem, config.in_channels, widths[0], style=style),
            stages=[
                PoolFirstStage(before, after, number, style=style)
                for (before, after), number in zip(pairwise(widths), more, strict=True)
            ],
            final=None,
            num_features=widths[-1],
        )


FAMILY = Family(
    module=SpeedCNN,
    variants={"speed_cnn": SpeedCNNConfig()},
    smallest_image_px=lambda config: 2 ** (len(config.channels) + 1) - 1,  # windows of 3: 15 -> 7 -> 3 -> 1
)
