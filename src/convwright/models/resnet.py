"""ResNet for ImageNet and for CIFAR-10, and the module that its plain, wide, grouped and other variants share."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from torch import nn

from ..errors import ConvwrightError, require_choice
from ..layers import (
    BasicBlock,
    Bottleneck,
    ModernBlock,
    PreActivationBasicBlock,
    PreActivationBottleneck,
    ResidualOptions,
    Stem,
)
from .family import Family
from .net import ConvNet, NetConfig

BLOCKS: dict[str, type[BasicBlock | Bottleneck | PreActivationBasicBlock | PreActivationBottleneck]] = {
    "basic": BasicBlock,
    "bottleneck": Bottleneck,
    "preact_basic": PreActivationBasicBlock,
    "preact_bottleneck": PreActivationBottleneck,
    "modern": ModernBlock,
}


@dataclass(frozen=True, kw_only=True)
class ResNetConfig(NetConfig):
    """The table of He et al. 2016a.

    Attributes
    ----------
    block : str
        Residual block of each stage: `basic` (two 3x3 convolutions), `bottleneck` (1x1, 3x3, 1x1; four times wider
        output), the same with pre-activation (`preact_basic`, `preact_bottleneck`), or `modern` (with squeeze-excite).
    blocks, channels : tuple of int
        For each stage: how many blocks, and their width before a bottleneck's expansion.
    stem_channels : int
        Width of the stem.
    stem_norm : bool
        Norm and activation in the stem; pre-activation nets leave them to their first block.
    shortcut, groups, width_per_group, se_ratio, stride_in_1x1
        See `ResidualOptions`.
    drop_path : float
        Probability to drop the residual branch of the last block; earlier blocks have proportionally less.
    zero_init_last : bool
        Start each residual branch at zero.
    """

    block: str = "basic"
    blocks: tuple[int, ...] = (2, 2, 2, 2)
    channels: tuple[int, ...] = (64, 128, 256, 512)
    stem_channels: int = 64
    stem_norm: bool = True
    shortcut: str = "B"
    groups: int = 1
    width_per_group: int = 64
    se_ratio: float = 0.0
    stride_in_1x1: bool = False
    drop_path: float = 0.0
    zero_init_last: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        require_choice("block", self.block, BLOCKS)
        if len(self.blocks) != len(self.channels) or not self.blocks:
            raise ConvwrightError(f"blocks={self.blocks} and channels={self.channels} clash", expected="equal lengths")
        if self.zero_init_last and (self.preactivation or self.norm == "none"):
            clash = f"block='{self.block}'" if self.preactivation else "norm='none'"
            raise ConvwrightError(f"zero_init_last and {clash} clash", hint="no norm ends that residual branch")
        if self.shortcut == "none" and self.drop_path:
            raise ConvwrightError("shortcut='none' and drop_path clash", hint="a plain net has no branch to drop")

    @property
    def preactivation(self) -> bool:
        """True if blocks start with norm and activation."""
        return self.block in ("preact_basic", "preact_bottleneck", "modern")

    def options(self, drop_path: float) -> ResidualOptions:
        """Return the options of a block."""
        return ResidualOptions(
            shortcut=self.shortcut,
            downsample=self.downsample,
            groups=self.groups,
            width_per_group=self.width_per_group,
            se_ratio=self.se_ratio,
            stride_in_1x1=self.stride_in_1x1,
            drop_path=drop_path,
            style=self.style,
        )


class ResNet(ConvNet):
    """Stages of residual blocks, the first of every stage but the first halving the map.

    Shape: (N, in_channels, H, W) -> (N, num_classes).
    Source: He et al. 2016a, "Deep residual learning for image recognition", table 1 and section 4.2.
    """

    init = "resnet"

    def __init__(self, config: ResNetConfig) -> None:
        block = BLOCKS[config.block]
        bare = replace(config.style, act="none", norm="none", bias=False)
        channels = [config.channels_of(config.stem_channels)]
        channels += [config.channels_of(width) * block.expansion for width in config.channels]
        stem = Stem(config.stem, config.in_channels, channels[0], style=config.style if config.stem_norm else bare)
        final = nn.Sequential()
        if config.preactivation:
            for name, module in (config.style.norms(channels[-1]) | config.style.acts()).items():
                final.add_module(name, module)
        super().__init__(
            config, stem=stem, stages=self._stages(config, channels), final=final, num_features=channels[-1]
        )

    @staticmethod
    def _stages(config: ResNetConfig, channels: Sequence[int]) -> list[nn.Module]:
        block = BLOCKS[config.block]
        depths = [config.blocks_of(n) for n in config.blocks]
        stages: list[nn.Module] = []
        for stage, depth in enumerate(depths):
            width = config.channels_of(config.channels[stage])
            blocks = []
            for i in range(depth):
                before = sum(depths[:stage]) + i
                options = config.options(config.drop_path * before / max(sum(depths) - 1, 1))
                in_channels = channels[stage] if i == 0 else channels[stage + 1]
                blocks.append(block(in_channels, width, 2 if i == 0 and stage > 0 else 1, options))
            stages.append(nn.Sequential(*blocks))
        return stages


TORCHVISION = {
    "stem.conv.conv": "conv1",
    "stem.conv.norm": "bn1",
    "stages.stage{stage}.{block}.residual.conv{n}.conv": "layer{stage}.{block}.conv{n}",
    "stages.stage{stage}.{block}.residual.conv{n}.norm": "layer{stage}.{block}.bn{n}",
    "stages.stage{stage}.{block}.residual.se.fc{n}": "layer{stage}.{block}.se.fc{n}",  # timm's, where there is one
    "stages.stage{stage}.{block}.shortcut.conv": "layer{stage}.{block}.downsample.0",
    "stages.stage{stage}.{block}.shortcut.norm": "layer{stage}.{block}.downsample.1",
    "head.linear": "fc",
}


def cifar(**options: object) -> ResNetConfig:
    """A config for 32x32 images of ten classes: 3x3 stem, stages of 16, 32 and 64 channels."""
    small = ResNetConfig(
        num_classes=10, input_size=32, stem="cifar", stem_channels=16, channels=(16, 32, 64), blocks=(3, 3, 3)
    )
    return replace(small, **options)  # type: ignore[arg-type]


FAMILY = Family(
    module=ResNet,
    variants={
        "resnet18": ResNetConfig(blocks=(2, 2, 2, 2)),
        "resnet34": ResNetConfig(blocks=(3, 4, 6, 3)),
        "resnet50": ResNetConfig(block="bottleneck", blocks=(3, 4, 6, 3)),
        "resnet101": ResNetConfig(block="bottleneck", blocks=(3, 4, 23, 3)),
        "resnet152": ResNetConfig(block="bottleneck", blocks=(3, 8, 36, 3)),
        "resnet18_cifar": ResNetConfig(blocks=(2, 2, 2, 2), num_classes=10, input_size=32, stem="cifar"),
        **{f"resnet{6 * n + 2}": cifar(blocks=(n, n, n), shortcut="A") for n in (3, 5, 7, 9, 18)},
    },
    layouts={"torchvision": TORCHVISION},
)
