"""Halving a map, by name: the one place where an architecture chooses how it downsamples."""

from dataclasses import dataclass, field

from torch import nn

from ..errors import ConvwrightError, require_choice
from .brick import Brick
from .conv import ConvNormAct, ConvStyle
from .pooling import poolings

STRIDED = "strided"


def downsample_names() -> tuple[str, ...]:
    """Every way to halve a map: the strided convolution, and each pooling layer that can.

    >>> {"strided", "average", "blur", "max"} <= set(downsample_names())
    True
    """
    return (STRIDED, *(name for name, brick in poolings().items() if brick.halve))


def halving_pool(name: str, *, ceil_mode: bool = True) -> nn.Module:
    """The pooling layer called `name` that halves a map; by default an odd size rounds up, as a stride does."""
    require_choice("downsample", name, [kind for kind in downsample_names() if kind != STRIDED])
    halve = poolings()[name].halve
    assert halve is not None  # noqa: S101 - the names listed above are those that have it
    return halve(ceil_mode)


class Downsample(ConvNormAct):
    """(C, H, W) to (C', H/2, W/2): a strided convolution, or a convolution at stride 1 and then pooling.

    All ways have the same convolution, so (learned poolings aside) the same parameters; the pooled ones spend
    four times its multiply-accumulates, since it runs on the larger map.

    Shape: (N, C, H, W) -> (N, C', ceil(H / 2), ceil(W / 2)); rounded down without `ceil_mode`, which the
    strided convolution and the blur do not know.
    Source: Springenberg et al. 2015, "Striving for simplicity", section 2 (strided in place of pooling).

    Parameters
    ----------
    kind : str
        One of `downsample_names()`.

    Examples
    --------
    >>> import torch
    >>> x = torch.ones(1, 64, 32, 32)
    >>> {Downsample(64, 128, kind)(x).shape[1:] for kind in ("max", "strided", "average")}
    {torch.Size([128, 16, 16])}
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kind: str = STRIDED,
        kernel_size: int = 3,
        *,
        groups: int = 1,
        ceil_mode: bool = True,
        style: ConvStyle = ConvStyle(),
    ) -> None:
        require_choice("downsample", kind, downsample_names())
        stride = 2 if kind == STRIDED else 1
        super().__init__(in_channels, out_channels, kernel_size, stride, groups=groups, style=style)
        if kind != STRIDED:
            self.pool = halving_pool(kind, ceil_mode=ceil_mode)


@dataclass(frozen=True, kw_only=True)
class BlockOptions:
    """Options that all blocks with a residual branch share.

    Attributes
    ----------
    downsample : str
        How a block of stride 2 halves its map, one of `downsample_names()`.
    drop_path : float
        Probability to drop the residual branch.
    style : ConvStyle
        Norm, activation and padding of all convolutions.
    """

    downsample: str = STRIDED
    drop_path: float = 0.0
    style: ConvStyle = field(default_factory=ConvStyle)

    def conv(
        self, in_channels: int, out_channels: int, kernel_size: int, stride: int, *, groups: int = 1
    ) -> ConvNormAct:
        """Return a convolution that halves its map, as `downsample` says, at stride 2."""
        require_block_stride(stride)
        if stride == 1:
            return ConvNormAct(in_channels, out_channels, kernel_size, groups=groups, style=self.style)
        return Downsample(in_channels, out_channels, self.downsample, kernel_size, groups=groups, style=self.style)


def require_block_stride(stride: int) -> None:
    """Raise `ConvwrightError` unless a block keeps or halves its map."""
    if stride not in (1, 2):
        raise ConvwrightError("stride of a block", expected="1 or 2", got=str(stride))


BRICK = Brick(
    layer=Downsample,
    examples={kind: lambda kind=kind: Downsample(8, 16, kind) for kind in downsample_names()},  # type: ignore[misc]
)
