"""From the last map to logits, by name."""

from collections import OrderedDict

from torch import nn

from ..errors import require_at_least, require_choice, require_fraction
from .activation import activation
from .brick import Brick
from .pooling import GlobalAveragePool2d

HEADS = ("gap", "fc", "none")
_FC_SIZE, _FC_WIDTH = 7, 4096  # VGG's: a 7x7 map, two layers of 4096


class Head(nn.Sequential):
    """Pool the last map and classify it.

    =====  ================================================================================
    kind   layers
    =====  ================================================================================
    gap    global average, (hidden linear, activation,) dropout, linear
    fc     7x7 average, linear 4096, activation, dropout, linear 4096, the same, linear
    none   global average: features instead of logits
    =====  ================================================================================

    Shape: (N, C, H, W) -> (N, num_classes), or (N, C) for "none".
    Source: Lin et al. 2014, "Network in network", section 3.2 (gap); Simonyan & Zisserman 2015, table 1 (fc).

    Parameters
    ----------
    hidden : int
        Width of a linear layer between pooling and classifier (MobileNetV3's); 0 for none. Only for "gap".

    Examples
    --------
    The fully connected head of VGG-16 holds 123.6 of its 138.4 million parameters:

    >>> sum(p.numel() for p in Head("fc", 512, 1000).parameters())
    123642856
    """

    def __init__(
        self, kind: str, in_channels: int, num_classes: int, *, dropout: float = 0.0, hidden: int = 0, act: str = "relu"
    ) -> None:
        require_choice("head", kind, HEADS)
        for what, value, least in (
            ("in_channels", in_channels, 1),
            ("num_classes", num_classes, 1),
            ("hidden", hidden, 0),
        ):
            require_at_least(what, value, least)
        require_fraction("dropout", dropout)
        layers: dict[str, nn.Module] = {}
        if kind == "fc":
            layers["pool"] = nn.AdaptiveAvgPool2d(_FC_SIZE)
            layers["flatten"] = nn.Flatten()
            widths = [in_channels * _FC_SIZE**2, _FC_WIDTH, _FC_WIDTH]
        else:
            layers["pool"] = GlobalAveragePool2d()
            widths = [in_channels, hidden] if hidden and kind == "gap" else [in_channels]
        for i in range(1, len(widths)):
            layers[f"hidden{i}"] = nn.Linear(widths[i - 1], widths[i])
            layers[f"act{i}"] = activation(act)
            if kind == "fc":
                layers[f"dropout{i}"] = nn.Dropout(dropout)
        if kind == "gap" and dropout:
            layers["dropout"] = nn.Dropout(dropout)
        if kind != "none":
            layers["linear"] = nn.Linear(widths[-1], num_classes)
        super().__init__(OrderedDict(layers))


BRICK = Brick(
    layer=Head,
    examples={
        "gap": lambda: Head("gap", 8, 10, dropout=0.2),
        "gap with a hidden layer": lambda: Head("gap", 8, 10, hidden=16, act="hardswish"),
        "none": lambda: Head("none", 8, 10),
    },
)
