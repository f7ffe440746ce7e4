"""DenseNet: every layer of a block reads all maps before it."""

from collections import OrderedDict
from dataclasses import dataclass

from torch import nn

from ..errors import ConvwrightError, require_at_least
from ..layers import DenseBlock, Stem, Transition
from .family import Family
from .net import ConvNet, NetConfig


@dataclass(frozen=True, kw_only=True)
class DenseNetConfig(NetConfig):
    """The table of Huang et al. 2017, DenseNet-BC.

    Attributes
    ----------
    blocks : tuple of int
        Dense layers of each stage.
    growth_rate : int
        Channels that each layer adds.
    stem_channels : int
        Width of the stem.
    compression : float
        Channels a transition keeps, as a fraction.
    memory_efficient : bool
        See `DenseLayer`.
    """

    downsample: str = "average"
    blocks: tuple[int, ...] = (6, 12, 24, 16)
    growth_rate: int = 32
    stem_channels: int = 64
    compression: float = 0.5
    memory_efficient: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        require_at_least("growth_rate", self.growth_rate, 1)
        if not 0 < self.compression <= 1:
            raise ConvwrightError("compression", expected="above 0, at most 1", got=str(self.compression))


class DenseNet(ConvNet):
    """Dense blocks with a transition before all but the first.

    Shape: (N, in_channels, H, W) -> (N, num_classes).
    Source: Huang et al. 2017, "Densely connected convolutional networks", table 1 and section 3.
    """

    init = "densenet"

    def __init__(self, config: DenseNetConfig) -> None:
        growth, channels = config.channels_of(config.growth_rate), config.channels_of(config.stem_channels)
        stem = Stem(config.stem, config.in_channels, channels, style=config.style)
        stages: list[nn.Module] = []
        for i, layers in enumerate(config.blocks):
            parts: OrderedDict[str, nn.Module] = OrderedDict()
            if i > 0:
                kept = int(channels * config.compression)
                parts["transition"] = Transition(channels, kept, config.downsample, style=config.style)
                channels = kept
            depth = config.blocks_of(layers)
            parts["block"] = DenseBlock(
                channels, growth, depth, memory_efficient=config.memory_efficient, style=config.style
            )
            channels += depth * growth
            stages.append(nn.Sequential(parts))
        final = nn.Sequential(OrderedDict(config.style.norms(channels) | config.style.acts()))
        super().__init__(config, stem=stem, stages=stages, final=final, num_features=channels)


_TORCHVISION = {
    "stem.conv.conv": "features.conv0",
    "stem.conv.norm": "features.norm0",
    "stages.stage{stage}.block.layers.{block}.conv{n}.norm": "features.denseblock{stage}.denselayer{nth}.norm{n}",
    "stages.stage{stage}.block.layers.{block}.conv{n}.conv": "features.denseblock{stage}.denselayer{nth}.conv{n}",
    "stages.stage{stage}.transition.norm": "features.transition{before}.norm",
    "stages.stage{stage}.transition.conv": "features.transition{before}.conv",
    "final.norm": "features.norm5",
    "head.linear": "classifier",
}

FAMILY = Family(
    module=DenseNet,
    variants={
        "densenet121": DenseNetConfig(blocks=(6, 12, 24, 16)),
        "densenet161": DenseNetConfig(blocks=(6, 12, 36, 24), growth_rate=48, stem_channels=96),
        "densenet169": DenseNetConfig(blocks=(6, 12, 32, 32)),
        "densenet201": DenseNetConfig(blocks=(6, 12, 48, 32)),
        "densenet_bc_100_12": DenseNetConfig(
            blocks=(16, 16, 16), growth_rate=12, stem_channels=24, stem="cifar", num_classes=10, input_size=32
        ),
    },
    layouts={
        "torchvision": _TORCHVISION,
        # The published files are older than the names of today's code: `norm.1` for `norm1`.
        "torchvision (published files)": {
            ours: theirs.replace("norm{n}", "norm.{n}").replace("conv{n}", "conv.{n}")
            for ours, theirs in _TORCHVISION.items()
        },
    },
    # Two transitions round down, or three after a stem that rounds up twice: 29 -> 15 -> 8 -> 4 -> 2 -> 1.
    smallest_image_px=lambda config: 4 if config.stem == "cifar" else 29,
)
