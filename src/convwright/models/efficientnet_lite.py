"""EfficientNet-Lite: without squeeze-excite, with ReLU6, the ends unscaled, so that it quantizes well.

The published weights were trained in TensorFlow, so the nets pad as its SAME rule and norm with eps 1e-3.
Source: the EfficientNet-Lite page of the TensorFlow TPU model garden, 2020.
"""

from .efficientnet import EfficientNet, EfficientNetConfig
from .family import Family

# As released: width, depth, resolution in pixels, dropout.
OFFICIAL_LITE = {
    "lite0": (1.0, 1.0, 224, 0.2),
    "lite1": (1.0, 1.1, 240, 0.2),
    "lite2": (1.1, 1.2, 260, 0.3),
    "lite3": (1.2, 1.4, 280, 0.3),
    "lite4": (1.4, 1.8, 300, 0.3),
}


def _lite(name: str) -> EfficientNetConfig:
    width, depth, resolution, dropout = OFFICIAL_LITE[name]
    return EfficientNetConfig(
        width=width,
        depth=depth,
        input_size=resolution,
        dropout=dropout,
        act="relu6",
        se_ratio=0.0,
        lite=True,
        padding="same",
        norm_eps=1e-3,
        norm_momentum=0.01,
    )


_TIMM_BLOCK = "blocks.{before}.{block}"
FAMILY = Family(
    module=EfficientNet,
    variants={f"efficientnet_{name}": _lite(name) for name in OFFICIAL_LITE},
    layouts={
        "package": {
            "stem.conv.conv": "_conv_stem",
            "stem.conv.norm": "_bn0",
            "stages.stage{stage}.{block}.residual.expand.conv": "_blocks.{index}._expand_conv",
            "stages.stage{stage}.{block}.residual.expand.norm": "_blocks.{index}._bn0",
            "stages.stage{stage}.{block}.residual.depthwise.conv": "_blocks.{index}._depthwise_conv",
            "stages.stage{stage}.{block}.residual.depthwise.norm": "_blocks.{index}._bn1",
            "stages.stage{stage}.{block}.residual.project.conv": "_blocks.{index}._project_conv",
            "stages.stage{stage}.{block}.residual.project.norm": "_blocks.{index}._bn2",
            "final.conv": "_conv_head",
            "final.norm": "_bn1",
            "head.linear": "_fc",
        },
        "timm": {
            "stem.conv.conv": "conv_stem",
            "stem.conv.norm": "bn1",
            "stages.stage1.{block}.residual.depthwise.conv": "blocks.0.{block}.conv_dw",
            "stages.stage1.{block}.residual.project.conv": "blocks.0.{block}.conv_pw",
            "stages.stage{stage}.{block}.residual.expand.conv": f"{_TIMM_BLOCK}.conv_pw",
            "stages.stage{stage}.{block}.residual.depthwise.conv": f"{_TIMM_BLOCK}.conv_dw",
            "stages.stage{stage}.{block}.residual.project.conv": f"{_TIMM_BLOCK}.conv_pwl",
            "stages.stage{stage}.{block}.residual.{name}.norm": f"{_TIMM_BLOCK}.bn{{after}}",
            "final.conv": "conv_head",
            "final.norm": "bn2",
            "head.linear": "classifier",
        },
    },
)
