"""The other way around a residual branch."""

import torch.nn.functional as F
from torch import Tensor, nn

from ..errors import ConvwrightError, require_at_least, require_choice
from .brick import Brick
from .conv import ConvStyle

SHORTCUTS = ("A", "B", "D", "none")


class PaddedShortcut(nn.Module):
    """Kind A: every stride-th pixel, new channels filled with zeros; no parameters.

    Shape: (N, C, H, W) -> (N, C', ceil(H / stride), ceil(W / stride)) with C' >= C.
    Source: He et al. 2016a, "Deep residual learning", section 3.3, option A.

    Examples
    --------
    >>> import torch
    >>> PaddedShortcut(16, 32, stride=2)(torch.ones(1, 16, 8, 8)).shape
    torch.Size([1, 32, 4, 4])
    """

    def __init__(self, in_channels: int, out_channels: int, stride: int) -> None:
        super().__init__()
        if out_channels < in_channels:
            raise ConvwrightError(
                f"shortcut='A' from {in_channels} to {out_channels} channels",
                expected="at least as many channels out as in",
                hint="zeros can be added, not taken away; use shortcut='B'",
            )
        self.new_channels, self.stride = out_channels - in_channels, stride

    def forward(self, x: Tensor) -> Tensor:
        """Subsample `x` and pad its channels."""
        kept = x[:, :, :: self.stride, :: self.stride]
        return F.pad(kept, (0, 0, 0, 0, 0, self.new_channels))


class ProjectionShortcut(nn.Sequential):
    """Kinds B and D: a 1x1 convolution and a norm; D averages 2x2 pixels first instead of skipping three of four.

    Shape: (N, C, H, W) -> (N, C', ceil(H / stride), ceil(W / stride)).
    Source: He et al. 2016a, section 3.3, option B; He et al. 2019, "Bag of tricks", section 4.2, ResNet-D.

    Parameters
    ----------
    average : bool
        Kind D.
    norm : bool
        True to put a norm after the convolution; not in pre-activation blocks.

    Examples
    --------
    >>> block = ProjectionShortcut(16, 32, 2, average=True, norm=True, style=ConvStyle())
    >>> [name for name, _ in block.named_children()]
    ['pool', 'conv', 'norm']
    """

    def __init__(
        self, in_channels: int, out_channels: int, stride: int, *, average: bool, norm: bool, style: ConvStyle
    ) -> None:
        super().__init__()
        if average and stride > 1:
            self.pool = nn.AvgPool2d(stride, ceil_mode=True, count_include_pad=False)
            stride = 1
        bias = bool(style.bias) or (norm and style.norm == "none")
        self.conv = style.conv(in_channels, out_channels, 1, stride, bias=bias)
        if norm:
            for name, module in style.norms(out_channels).items():
                self.add_module(name, module)


def shortcut(
    in_channels: int,
    out_channels: int,
    stride: int,
    *,
    kind: str = "B",
    norm: bool = True,
    style: ConvStyle = ConvStyle(),
) -> nn.Module | None:
    """The shortcut of a kind: an identity where the shape stays, None for kind "none" (a plain network).

    >>> shortcut(16, 16, 1)
    Identity()
    """
    require_choice("shortcut", kind, SHORTCUTS)
    require_at_least("stride", stride, 1)
    if kind == "none":
        return None
    if stride == 1 and in_channels == out_channels:
        return nn.Identity()
    if kind == "A":
        return PaddedShortcut(in_channels, out_channels, stride)
    return ProjectionShortcut(in_channels, out_channels, stride, average=kind == "D", norm=norm, style=style)


BRICK = Brick(
    layer=PaddedShortcut,
    examples={
        "A": lambda: PaddedShortcut(8, 16, 2),
        "B": lambda: ProjectionShortcut(8, 16, 2, average=False, norm=True, style=ConvStyle()),
        "D": lambda: ProjectionShortcut(8, 16, 2, average=True, norm=True, style=ConvStyle()),
    },
)
