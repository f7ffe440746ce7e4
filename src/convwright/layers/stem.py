"""The first layers of a network, by name."""

from collections import OrderedDict

from torch import nn

from ..errors import ConvwrightError, require_at_least, require_choice
from .brick import Brick
from .conv import ConvNormAct, ConvStyle

STEMS = ("imagenet", "cifar", "deep", "mobile", "none")


class Stem(nn.Sequential):
    """From pixels to the first stage's width.

    ============  =========================================  =======
    kind          layers                                     stride
    ============  =========================================  =======
    imagenet      7x7/2 convolution, 3x3/2 max pool          4
    deep          3x3/2, 3x3, 3x3 convolution, max pool      4
    mobile        3x3/2 convolution                          2
    cifar         3x3 convolution                            1
    none          nothing: the first stage reads pixels      1
    ============  =========================================  =======

    Shape: (N, in_channels, H, W) -> (N, out_channels, H / stride, W / stride), rounded up.
    Source: He et al. 2016a, "Deep residual learning", table 1 and section 4.2; He et al. 2019, "Bag of tricks",
    section 4.2, ResNet-C (deep); Sandler et al. 2018, "MobileNetV2", table 2 (mobile).

    Raises
    ------
    ConvwrightError
        For an unknown kind, or kind "none" that should change the number of channels.

    Examples
    --------
    >>> import torch
    >>> Stem("imagenet", 3, 64)(torch.ones(1, 3, 224, 224)).shape
    torch.Size([1, 64, 56, 56])
    """

    def __init__(self, kind: str, in_channels: int, out_channels: int, *, style: ConvStyle = ConvStyle()) -> None:
        require_choice("stem", kind, STEMS)
        require_at_least("in_channels", in_channels, 1)
        require_at_least("stem channels", out_channels, 1)
        if kind == "none" and in_channels != out_channels:
            raise ConvwrightError(f"stem='none' and {in_channels} to {out_channels} channels clash")
        half = max(out_channels // 2, 1)
        convs = {
            "imagenet": [(in_channels, out_channels, 7, 2)],
            "deep": [(in_channels, half, 3, 2), (half, half, 3, 1), (half, out_channels, 3, 1)],
            "mobile": [(in_channels, out_channels, 3, 2)],
            "cifar": [(in_channels, out_channels, 3, 1)],
            "none": [],
        }[kind]
        names = ("conv",) if len(convs) == 1 else ("conv1", "conv2", "conv3")
        layers: dict[str, nn.Module] = {
            name: ConvNormAct(*conv, style=style) for name, conv in zip(names, convs, strict=False)
        }
        if kind in ("imagenet", "deep"):
            layers["pool"] = nn.MaxPool2d(3, stride=2, padding=1)
        super().__init__(OrderedDict(layers))


BRICK = Brick(
    layer=Stem,
    examples={kind: lambda kind=kind: Stem(kind, 3, 3 if kind == "none" else 8) for kind in STEMS},  # type: ignore[misc]
    input_shape=(2, 3, 17, 20),
)
