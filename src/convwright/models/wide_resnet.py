"""Wide ResNets: fewer blocks, more channels.

Source: Zagoruyko & Komodakis 2016, "Wide residual networks", table 1 (CIFAR, pre-activation) and table 8 (ImageNet,
bottlenecks whose inner width is doubled).
"""

from .family import Family
from .resnet import TORCHVISION, ResNet, ResNetConfig, cifar


def _wrn(depth: int, widening: int) -> ResNetConfig:
    blocks = (depth - 4) // 6
    return cifar(
        block="preact_basic",
        blocks=(blocks,) * 3,
        channels=tuple(width * widening for width in (16, 32, 64)),
        stem_norm=False,
    )


FAMILY = Family(
    module=ResNet,
    variants={
        "wide_resnet50_2": ResNetConfig(block="bottleneck", blocks=(3, 4, 6, 3), width_per_group=128),
        "wide_resnet101_2": ResNetConfig(block="bottleneck", blocks=(3, 4, 23, 3), width_per_group=128),
        "wrn_16_4": _wrn(16, 4),
        "wrn_40_2": _wrn(40, 2),
        "wrn_28_10": _wrn(28, 10),
    },
    layouts={"torchvision": TORCHVISION},
)
