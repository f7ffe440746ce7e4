"""The course's modern CNN: pre-activation bottlenecks with squeeze-excite, global average pooling.

The course ends with the last block; a norm and an activation are added before the pooling, without which a
pre-activation net pools raw sums (He et al. 2016b, section 4).
"""

from .family import Family
from .resnet import ResNet, ResNetConfig

FAMILY = Family(module=ResNet, variants={"modern_cnn": ResNetConfig(block="modern", blocks=(3, 4, 6, 3))})
