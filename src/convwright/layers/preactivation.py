"""Pre-activation residual blocks: basic, bottleneck, and the chapter's modern block."""

from collections import OrderedDict
from dataclasses import replace

from torch import Tensor, nn

from .brick import Brick
from .conv import NormActConv
from .downsample import STRIDED, halving_pool, require_block_stride
from .residual import ResidualOptions, refuse_bottleneck_options
from .shortcut import shortcut


class PreActivationBlock(nn.Module):
    """x + residual(act(norm(x))); where the shape changes, the shortcut too starts from act(norm(x)).

    Shape: (N, C, H, W) -> (N, C', ceil(H / stride), ceil(W / stride)).
    """

    def __init__(
        self, residual: dict[str, nn.Module], in_channels: int, out_channels: int, stride: int, o: ResidualOptions
    ) -> None:
        super().__init__()
        require_block_stride(stride)
        self.norm_act = nn.Sequential(OrderedDict(o.style.norm_acts(in_channels)))
        self.residual = nn.Sequential(OrderedDict(residual | o.tail(out_channels)))
        self.shortcut = shortcut(in_channels, out_channels, stride, kind=o.shortcut, norm=False, style=o.style)

    def forward(self, x: Tensor) -> Tensor:
        """Add what the branch learned to what came in."""
        activated: Tensor = self.norm_act(x)
        y: Tensor = self.residual(activated)
        if self.shortcut is None:
            return y
        return y + (x if isinstance(self.shortcut, nn.Identity) else self.shortcut(activated))


class PreActivationBasicBlock(PreActivationBlock):
    """Norm and activation before each of two 3x3 convolutions.

    Shape: (N, C, H, W) -> (N, channels, ceil(H / stride), ceil(W / stride)).
    Source: He et al. 2016b, "Identity mappings in deep residual networks", figure 4e.

    Examples
    --------
    >>> [name for name, _ in PreActivationBasicBlock(8, 8).residual.named_children()]
    ['conv1', 'conv2']
    """

    expansion = 1

    def __init__(
        self, in_channels: int, channels: int, stride: int = 1, options: ResidualOptions | None = None
    ) -> None:
        o = options or ResidualOptions()
        refuse_bottleneck_options(o)
        residual: dict[str, nn.Module] = {
            "conv1": _strided_conv(in_channels, channels, stride, o),
            "conv2": NormActConv(channels, channels, pool=_pool(stride, o), style=o.style),
        }
        super().__init__(residual, in_channels, channels, stride, o)


class PreActivationBottleneck(PreActivationBlock):
    """Norm and activation before each convolution of a bottleneck.

    Shape: (N, C, H, W) -> (N, 4 channels, ceil(H / stride), ceil(W / stride)).
    Source: He et al. 2016b, figure 4e and section 4.

    Examples
    --------
    >>> sum(p.numel() for p in PreActivationBottleneck(256, 64).parameters())
    70400
    """

    expansion = 4

    def __init__(
        self, in_channels: int, channels: int, stride: int = 1, options: ResidualOptions | None = None
    ) -> None:
        o = options or ResidualOptions()
        width, out_channels = o.bottleneck_width(channels), channels * self.expansion
        first, second = (stride, 1) if o.stride_in_1x1 else (1, stride)
        residual: dict[str, nn.Module] = {
            "conv1": _strided_conv(in_channels, width, first, o, kernel_size=1),
            "conv2": NormActConv(
                width, width, 3, _stride(second, o), groups=o.groups, pool=_pool(first, o), style=o.style
            ),
            "conv3": NormActConv(width, out_channels, 1, pool=_pool(second, o), style=o.style),
        }
        super().__init__(residual, in_channels, out_channels, stride, o)


class ModernBlock(PreActivationBottleneck):
    """The course's modern block: pre-activation, a bottleneck of a quarter, squeeze-excite at the end.

    Shape: (N, C, H, W) -> (N, 4 channels, ceil(H / stride), ceil(W / stride)).
    Source: He et al. 2016b, section 4; Hu et al. 2018, "Squeeze-and-excitation networks", figure 3, reduction 16.

    Examples
    --------
    >>> [name for name, _ in ModernBlock(256, 64).residual.named_children()]
    ['conv1', 'conv2', 'conv3', 'se']
    """

    def __init__(
        self, in_channels: int, channels: int, stride: int = 1, options: ResidualOptions | None = None
    ) -> None:
        o = options or ResidualOptions()
        super().__init__(in_channels, channels, stride, o if o.se_ratio else replace(o, se_ratio=1 / 16))


def _stride(stride: int, o: ResidualOptions) -> int:
    return stride if o.downsample == STRIDED else 1


def _pool(stride: int, o: ResidualOptions) -> nn.Module | None:
    """The pooling that stands in for a strided convolution, after the activation that follows it."""
    return halving_pool(o.downsample) if stride == 2 and o.downsample != STRIDED else None


def _strided_conv(
    in_channels: int, out_channels: int, stride: int, o: ResidualOptions, *, kernel_size: int = 3
) -> nn.Conv2d:
    return o.style.conv(in_channels, out_channels, kernel_size, _stride(stride, o), bias=bool(o.style.bias))


BRICK = Brick(
    layer=PreActivationBasicBlock,
    examples={
        "basic": lambda: PreActivationBasicBlock(8, 8),
        "basic, halving": lambda: PreActivationBasicBlock(8, 16, 2),
        "basic, pooled": lambda: PreActivationBasicBlock(8, 16, 2, ResidualOptions(downsample="stochastic")),
        "bottleneck": lambda: PreActivationBottleneck(8, 4, 2, ResidualOptions(groups=2)),
        "bottleneck, pooled": lambda: PreActivationBottleneck(8, 4, 2, ResidualOptions(downsample="max")),
        "modern": lambda: ModernBlock(8, 4, 2),
    },
)
