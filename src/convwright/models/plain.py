"""Plain networks: ResNets without their shortcuts, the control of the degradation experiment.

Source: He et al. 2016a, "Deep residual learning", figure 3 middle and section 4.2.
"""

from .family import Family
from .resnet import ResNet, ResNetConfig, cifar

FAMILY = Family(
    module=ResNet,
    variants={
        "plain18": ResNetConfig(blocks=(2, 2, 2, 2), shortcut="none"),
        "plain34": ResNetConfig(blocks=(3, 4, 6, 3), shortcut="none"),
        **{f"plain{6 * n + 2}": cifar(blocks=(n, n, n), shortcut="none") for n in (3, 5, 7, 9, 18)},
    },
)
