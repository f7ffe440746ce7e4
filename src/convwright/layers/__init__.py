"""The bricks: nn.Modules that know nothing of models. Each file describes its layer in `BRICK`."""

from typing import cast

from ..discover import discover
from .activation import ACTIVATIONS, activation
from .brick import Brick, Pooling
from .conv import ConvNormAct, ConvStyle, NormActConv, SameConv2d
from .dense import DenseBlock, DenseLayer, Transition
from .downsample import Downsample, downsample_names
from .drop_path import DropPath
from .head import HEADS, Head
from .inverted_residual import FusedMBConv, InvertedOptions, MBConv
from .pooling import (
    AvgPool2d,
    BlurPool2d,
    GatedPool2d,
    GeMPool2d,
    GlobalAveragePool2d,
    LpPool2d,
    MaxPool2d,
    MixedPool2d,
    StochasticPool2d,
    poolings,
)
from .preactivation import ModernBlock, PreActivationBasicBlock, PreActivationBottleneck
from .residual import BasicBlock, Bottleneck, ResidualOptions
from .shortcut import SHORTCUTS, PaddedShortcut, ProjectionShortcut, shortcut
from .squeeze_excite import SqueezeExcite
from .stem import STEMS, Stem
from .vgg import VGGStage

__all__ = [
    "ACTIVATIONS",
    "HEADS",
    "SHORTCUTS",
    "STEMS",
    "AvgPool2d",
    "BasicBlock",
    "BlurPool2d",
    "Bottleneck",
    "Brick",
    "ConvNormAct",
    "ConvStyle",
    "DenseBlock",
    "DenseLayer",
    "Downsample",
    "DropPath",
    "FusedMBConv",
    "GatedPool2d",
    "GeMPool2d",
    "GlobalAveragePool2d",
    "Head",
    "InvertedOptions",
    "LpPool2d",
    "MBConv",
    "MaxPool2d",
    "MixedPool2d",
    "ModernBlock",
    "NormActConv",
    "PaddedShortcut",
    "Pooling",
    "PreActivationBasicBlock",
    "PreActivationBottleneck",
    "ProjectionShortcut",
    "ResidualOptions",
    "SameConv2d",
    "SqueezeExcite",
    "Stem",
    "StochasticPool2d",
    "Transition",
    "VGGStage",
    "activation",
    "bricks",
    "downsample_names",
    "poolings",
    "shortcut",
]


def bricks() -> dict[str, Brick]:
    """Every layer file's description, by the file's name."""
    return cast(dict[str, Brick], discover(__name__, "BRICK"))
