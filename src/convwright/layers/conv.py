"""The brick under every architecture: convolution, normalization, activation."""

from dataclasses import dataclass
from typing import Literal

import torch.nn.functional as F
from torch import Tensor, nn

from .. import geometry
from ..errors import ConvwrightError, require_at_least, require_choice
from .activation import activation
from .brick import Brick


@dataclass(frozen=True, kw_only=True)
class ConvStyle:
    """Norm, activation and padding of all convolutions of a network.

    Attributes
    ----------
    act : str
        A name of `activation.ACTIVATIONS`.
    norm : {"batch", "none"}
        Norm after each convolution.
    norm_eps, norm_momentum : float
        Numbers of the batch norm.
    bias : bool, optional
        True for convolutions with a bias; when left out, only those without a norm have one.
    padding : {"symmetric", "same"}
        Equal on both sides, or TensorFlow's SAME rule (see `SameConv2d`).
    """

    act: str = "relu"
    norm: Literal["batch", "none"] = "batch"
    norm_eps: float = 1e-5
    norm_momentum: float = 0.1
    bias: bool | None = None
    padding: Literal["symmetric", "same"] = "symmetric"

    def __post_init__(self) -> None:
        require_choice("norm", self.norm, ("batch", "none"))
        require_choice("padding", self.padding, ("symmetric", "same"))

    def norms(self, channels: int) -> dict[str, nn.Module]:
        """The norm layer under its name, or nothing."""
        if self.norm == "none":
            return {}
        return {"norm": nn.BatchNorm2d(channels, eps=self.norm_eps, momentum=self.norm_momentum)}

    def acts(self, name: str | None = None, *, in_place: bool = True) -> dict[str, nn.Module]:
        """The activation `name` (the style's own when left out) under its name, or nothing."""
        name = self.act if name is None else name
        return {} if name == "none" else {"act": activation(name, in_place=in_place)}

    def norm_acts(self, channels: int) -> dict[str, nn.Module]:
        """Layers in front of a convolution; without a norm the activation must not overwrite the block's input."""
        return self.norms(channels) | self.acts(in_place=self.norm != "none")

    def conv(
        self, in_channels: int, out_channels: int, kernel_size: int, stride: int = 1, *, groups: int = 1, bias: bool
    ) -> nn.Conv2d:
        """A convolution that keeps (stride 1) or halves, rounding up (stride 2), its map."""
        for what, value in (
            ("in_channels", in_channels),
            ("out_channels", out_channels),
            ("kernel_size", kernel_size),
            ("stride", stride),
            ("groups", groups),
        ):
            require_at_least(what, value, 1)
        if in_channels % groups or out_channels % groups:
            raise ConvwrightError(
                f"groups={groups} and {in_channels} to {out_channels} channels clash",
                expected="groups that divide both",
            )
        if self.padding == "same":
            return SameConv2d(in_channels, out_channels, kernel_size, stride, groups=groups, bias=bias)
        padding = geometry.same_padding(kernel_size)
        return nn.Conv2d(in_channels, out_channels, kernel_size, stride, padding, groups=groups, bias=bias)


class SameConv2d(nn.Conv2d):
    """A convolution that pads as TensorFlow's SAME: ceil(H / stride) out, the odd pixel after.

    Shape: (N, C, H, W) -> (N, C', ceil(H / stride), ceil(W / stride)).
    Source: TensorFlow's documentation of `tf.nn.convolution`, padding "SAME".

    Examples
    --------
    >>> import torch
    >>> SameConv2d(3, 8, 3, stride=2)(torch.ones(1, 3, 224, 225)).shape
    torch.Size([1, 8, 112, 113])
    """

    def forward(self, x: Tensor) -> Tensor:  # torch names it `input`, a builtin
        """Pad `x` by what its size asks for, then convolve."""
        top, bottom, left, right = (
            amount
            for size, kernel, stride, dilation in zip(
                x.shape[-2:], self.kernel_size, self.stride, self.dilation, strict=True
            )
            for amount in geometry.tensorflow_same_padding(size, kernel, stride, dilation)
        )
        return super().forward(F.pad(x, (left, right, top, bottom)))


class ConvNormAct(nn.Sequential):
    """Convolution, norm, activation; the convolution has a bias only where no norm follows.

    Shape: (N, C, H, W) -> (N, C', ceil(H / stride), ceil(W / stride)).
    Source: Ioffe & Szegedy 2015, "Batch normalization", section 3.2.

    Parameters
    ----------
    act : str, optional
        The activation; the style's own when left out, "none" for none.

    Examples
    --------
    >>> block = ConvNormAct(3, 8)
    >>> [name for name, _ in block.named_children()], block.conv.bias
    (['conv', 'norm', 'act'], None)
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int = 3,
        stride: int = 1,
        *,
        groups: int = 1,
        act: str | None = None,
        style: ConvStyle = ConvStyle(),
    ) -> None:
        super().__init__()
        bias = style.norm == "none" if style.bias is None else style.bias
        self.conv = style.conv(in_channels, out_channels, kernel_size, stride, groups=groups, bias=bias)
        for name, module in (style.norms(out_channels) | style.acts(act)).items():
            self.add_module(name, module)


class NormActConv(nn.Sequential):
    """Norm, activation, convolution: the order of pre-activation and dense networks. No bias.

    Shape: (N, C, H, W) -> (N, C', ceil(H / stride), ceil(W / stride)).
    Source: He et al. 2016b, "Identity mappings in deep residual networks", section 4.

    Parameters
    ----------
    pool : nn.Module, optional
        A pooling layer between activation and convolution, where its input is non-negative.

    Examples
    --------
    >>> [name for name, _ in NormActConv(8, 16).named_children()]
    ['norm', 'act', 'conv']
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int = 3,
        stride: int = 1,
        *,
        groups: int = 1,
        pool: nn.Module | None = None,
        style: ConvStyle = ConvStyle(),
    ) -> None:
        super().__init__()
        for name, module in style.norm_acts(in_channels).items():
            self.add_module(name, module)
        if pool is not None:
            self.pool = pool
        self.conv = style.conv(in_channels, out_channels, kernel_size, stride, groups=groups, bias=bool(style.bias))


BRICK = Brick(
    layer=ConvNormAct,
    examples={
        "3x3": lambda: ConvNormAct(8, 16),
        "depthwise, strided": lambda: ConvNormAct(8, 8, 5, 2, groups=8, act="hardswish"),
        "SAME padding": lambda: ConvNormAct(8, 16, 3, 2, style=ConvStyle(padding="same")),
        "no norm": lambda: ConvNormAct(8, 16, style=ConvStyle(norm="none", act="silu")),
        "pre-activation": lambda: NormActConv(8, 16, 1),
    },
)
