"""Pre-activation ResNets: norm and activation before each convolution, identities all the way.

Source: He et al. 2016b, "Identity mappings in deep residual networks", section 4 and appendix.
"""

from .family import Family
from .resnet import ResNet, ResNetConfig, cifar


def _imagenet(block: str, blocks: tuple[int, ...]) -> ResNetConfig:
    return ResNetConfig(block=block, blocks=blocks, stem_norm=False)


TIMM = {  # its resnetv2 nets; their classifier is a 1x1 convolution
    "stem.conv.conv": "stem.conv",
    "stages.stage{stage}.{block}.norm_act.norm": "stages.{before}.blocks.{block}.norm1",
    "stages.stage{stage}.{block}.residual.conv1": "stages.{before}.blocks.{block}.conv1",
    "stages.stage{stage}.{block}.residual.conv{n}.norm": "stages.{before}.blocks.{block}.norm{n}",
    "stages.stage{stage}.{block}.residual.conv{n}.conv": "stages.{before}.blocks.{block}.conv{n}",
    "stages.stage{stage}.{block}.shortcut.conv": "stages.{before}.blocks.{block}.downsample.conv",
    "final.norm": "norm",
    "head.linear": "head.fc",
}

FAMILY = Family(
    module=ResNet,
    variants={
        "preact_resnet18": _imagenet("preact_basic", (2, 2, 2, 2)),
        "preact_resnet34": _imagenet("preact_basic", (3, 4, 6, 3)),
        "preact_resnet50": _imagenet("preact_bottleneck", (3, 4, 6, 3)),
        "preact_resnet101": _imagenet("preact_bottleneck", (3, 4, 23, 3)),
        "preact_resnet152": _imagenet("preact_bottleneck", (3, 8, 36, 3)),
        "preact_resnet110": cifar(block="preact_basic", blocks=(18, 18, 18), stem_norm=False),
        "preact_resnet164": cifar(block="preact_bottleneck", blocks=(18, 18, 18), stem_norm=False),
    },
    layouts={"timm": TIMM},
)
