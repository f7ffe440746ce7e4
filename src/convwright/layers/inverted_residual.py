"""Inverted residual blocks: MobileNet's and EfficientNet's MBConv, and the fused one."""

from collections import OrderedDict
from dataclasses import dataclass

from torch import Tensor, nn

from ..errors import require_at_least
from .brick import Brick
from .conv import ConvNormAct, ConvStyle
from .downsample import BlockOptions
from .drop_path import DropPath
from .squeeze_excite import SqueezeExcite


@dataclass(frozen=True, kw_only=True)
class InvertedOptions(BlockOptions):
    """Options of an inverted residual block beside its channels, kernel and stride; see `BlockOptions` for the others.

    Attributes
    ----------
    squeeze_channels : int
        Width inside the squeeze-excite; 0 for none.
    se_act, se_gate : str
        Activations of the squeeze-excite.
    """

    squeeze_channels: int = 0
    se_act: str = "relu"
    se_gate: str = "sigmoid"

    def squeeze_excite(self, channels: int) -> dict[str, nn.Module]:
        """The squeeze-excite under its name, or nothing."""
        if not self.squeeze_channels:
            return {}
        return {"se": SqueezeExcite(channels, self.squeeze_channels, act=self.se_act, gate=self.se_gate)}


class InvertedResidual(nn.Module):
    """x + residual(x) at stride 1 with equal channels, else residual(x); the last convolution is linear.

    Shape: (N, C, H, W) -> (N, C', ceil(H / stride), ceil(W / stride)).
    """

    def __init__(
        self, residual: dict[str, nn.Module], in_channels: int, out_channels: int, stride: int, o: InvertedOptions
    ) -> None:
        super().__init__()
        self.has_shortcut = stride == 1 and in_channels == out_channels
        if self.has_shortcut and o.drop_path:
            residual["drop_path"] = DropPath(o.drop_path)
        self.residual = nn.Sequential(OrderedDict(residual))

    def forward(self, x: Tensor) -> Tensor:
        """Add what the branch learned to what came in, where they fit."""
        y: Tensor = self.residual(x)
        return x + y if self.has_shortcut else y


class MBConv(InvertedResidual):
    """1x1 to widen, depthwise k x k, squeeze-excite, 1x1 to narrow without activation.

    Shape: (N, C, H, W) -> (N, C', ceil(H / stride), ceil(W / stride)).
    Source: Sandler et al. 2018, "MobileNetV2", table 1; Howard et al. 2019, "Searching for MobileNetV3",
    figure 4; Tan & Le 2019, "EfficientNet", section 4.

    Parameters
    ----------
    expanded_channels : int
        Width of the depthwise convolution; the widening 1x1 is left out when it equals `in_channels`.

    Examples
    --------
    >>> [name for name, _ in MBConv(16, 24, 96, stride=2).residual.named_children()]
    ['expand', 'depthwise', 'project']
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        expanded_channels: int,
        kernel_size: int = 3,
        stride: int = 1,
        options: InvertedOptions | None = None,
    ) -> None:
        o = options or InvertedOptions()
        require_at_least("expanded_channels", expanded_channels, 1)
        residual: dict[str, nn.Module] = {}
        if expanded_channels != in_channels:
            residual["expand"] = ConvNormAct(in_channels, expanded_channels, 1, style=o.style)
        residual["depthwise"] = o.conv(
            expanded_channels, expanded_channels, kernel_size, stride, groups=expanded_channels
        )
        residual |= o.squeeze_excite(expanded_channels)
        residual["project"] = ConvNormAct(expanded_channels, out_channels, 1, act="none", style=o.style)
        super().__init__(residual, in_channels, out_channels, stride, o)


class FusedMBConv(InvertedResidual):
    """One k x k convolution in place of MBConv's widening 1x1 and depthwise convolutions.

    Shape: (N, C, H, W) -> (N, C', ceil(H / stride), ceil(W / stride)).
    Source: Tan & Le 2021, "EfficientNetV2", figure 2.

    Parameters
    ----------
    expanded_channels : int
        Width between the convolutions; when it equals `in_channels` a single k x k convolution is left.

    Examples
    --------
    >>> [name for name, _ in FusedMBConv(24, 48, 96, stride=2).residual.named_children()]
    ['expand', 'project']
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        expanded_channels: int,
        kernel_size: int = 3,
        stride: int = 1,
        options: InvertedOptions | None = None,
    ) -> None:
        o = options or InvertedOptions()
        require_at_least("expanded_channels", expanded_channels, 1)
        if expanded_channels == in_channels:
            residual: dict[str, nn.Module] = {"project": o.conv(in_channels, out_channels, kernel_size, stride)}
        else:
            residual = {"expand": o.conv(in_channels, expanded_channels, kernel_size, stride)}
            residual |= o.squeeze_excite(expanded_channels)
            residual["project"] = ConvNormAct(expanded_channels, out_channels, 1, act="none", style=o.style)
        super().__init__(residual, in_channels, out_channels, stride, o)


_LITE = ConvStyle(act="relu6", padding="same", norm_eps=1e-3)

BRICK = Brick(
    layer=MBConv,
    examples={
        "MobileNetV2": lambda: MBConv(8, 8, 48, options=InvertedOptions(style=ConvStyle(act="relu6"))),
        "MobileNetV3": lambda: MBConv(
            8,
            16,
            24,
            5,
            2,
            InvertedOptions(squeeze_channels=8, se_gate="hardsigmoid", style=ConvStyle(act="hardswish")),
        ),
        "EfficientNet": lambda: MBConv(
            8, 8, 48, options=InvertedOptions(squeeze_channels=2, se_act="silu", style=ConvStyle(act="silu"))
        ),
        "Lite": lambda: MBConv(8, 12, 8, 3, 2, InvertedOptions(style=_LITE)),
        "drop path": lambda: MBConv(8, 8, 16, options=InvertedOptions(drop_path=0.2)),
        "fused": lambda: FusedMBConv(8, 8, 32, options=InvertedOptions(squeeze_channels=2)),
        "fused, single": lambda: FusedMBConv(8, 16, 8, 3, 2),
    },
)
