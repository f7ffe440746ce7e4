"""ResNeXt: bottlenecks whose 3x3 convolution is split into groups.

Source: Xie et al. 2017, "Aggregated residual transformations for deep neural networks", table 1 (ImageNet) and
section 5.2 (CIFAR, 29 layers).
"""

from .family import Family
from .resnet import TORCHVISION, ResNet, ResNetConfig, cifar


def _imagenet(blocks: tuple[int, ...], groups: int, width_per_group: int) -> ResNetConfig:
    return ResNetConfig(block="bottleneck", blocks=blocks, groups=groups, width_per_group=width_per_group)


def _cifar(groups: int) -> ResNetConfig:
    return cifar(block="bottleneck", channels=(64, 128, 256), stem_channels=64, groups=groups, width_per_group=64)


FAMILY = Family(
    module=ResNet,
    variants={
        "resnext50_32x4d": _imagenet((3, 4, 6, 3), 32, 4),
        "resnext101_32x8d": _imagenet((3, 4, 23, 3), 32, 8),
        "resnext101_64x4d": _imagenet((3, 4, 23, 3), 64, 4),
        "resnext29_8x64d": _cifar(8),
        "resnext29_16x64d": _cifar(16),
    },
    layouts={"torchvision": TORCHVISION},
)
