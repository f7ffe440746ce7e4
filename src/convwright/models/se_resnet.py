"""SE-ResNet: squeeze-excite at the end of every residual branch, reduction 16.

Source: Hu et al. 2018, "Squeeze-and-excitation networks", table 1 and section 6.2 (CIFAR).
"""

from .family import Family
from .resnet import TORCHVISION, ResNet, ResNetConfig, cifar

FAMILY = Family(
    module=ResNet,
    variants={
        "se_resnet50": ResNetConfig(block="bottleneck", blocks=(3, 4, 6, 3), se_ratio=1 / 16),
        "se_resnet20": cifar(blocks=(3, 3, 3), shortcut="A", se_ratio=1 / 16),
    },
    layouts={"timm": TORCHVISION},
)
