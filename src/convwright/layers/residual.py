"""Post-activation residual blocks: basic and bottleneck, and what all residual blocks can be told."""

from collections import OrderedDict
from dataclasses import dataclass

from torch import Tensor, nn

from ..errors import ConvwrightError, require_at_least, require_choice
from .brick import Brick
from .conv import ConvNormAct
from .downsample import BlockOptions, downsample_names
from .drop_path import DropPath
from .shortcut import SHORTCUTS, shortcut
from .squeeze_excite import SqueezeExcite


@dataclass(frozen=True, kw_only=True)
class ResidualOptions(BlockOptions):
    """Options of a residual block beside its channels and its stride; see `BlockOptions` for the others.

    Attributes
    ----------
    shortcut : {"A", "B", "D", "none"}
        Zero-padded identity, projection, average pool and projection; none makes a plain network.
    groups, width_per_group : int
        Cardinality, and the width of a group where the block's base width is 64 (ResNeXt; wide bottlenecks).
    se_ratio : float
        Squeeze width as a fraction of the block's output channels; 0 for no squeeze-excite.
    stride_in_1x1 : bool
        Stride of a bottleneck in its first 1x1 convolution (the original placement) rather than in its 3x3.
    """

    shortcut: str = "B"
    groups: int = 1
    width_per_group: int = 64
    se_ratio: float = 0.0
    stride_in_1x1: bool = False

    def __post_init__(self) -> None:
        require_choice("shortcut", self.shortcut, SHORTCUTS)
        require_choice("downsample", self.downsample, downsample_names())
        require_at_least("groups", self.groups, 1)
        require_at_least("width_per_group", self.width_per_group, 1)
        require_at_least("se_ratio", self.se_ratio, 0)

    def bottleneck_width(self, channels: int) -> int:
        """Width of the 3x3 convolution; `ConvwrightError` where a group would have no channel."""
        width = channels * self.width_per_group // 64
        if width < 1:
            raise ConvwrightError(
                f"width_per_group={self.width_per_group} and a base width of {channels} channels clash",
                expected="at least 64 as their product, for one channel a group",
                got=str(channels * self.width_per_group),
            )
        return width * self.groups

    def tail(self, out_channels: int) -> dict[str, nn.Module]:
        """Last layers of a residual branch: squeeze-excite and drop path, if asked for."""
        modules: dict[str, nn.Module] = {}
        if self.se_ratio:
            modules["se"] = SqueezeExcite(out_channels, max(1, round(out_channels * self.se_ratio)))
        if self.drop_path:
            modules["drop_path"] = DropPath(self.drop_path)
        return modules


class PostActivationBlock(nn.Module):
    """act(residual(x) + shortcut(x)); act(residual(x)) in a plain network.

    Shape: (N, C, H, W) -> (N, C', ceil(H / stride), ceil(W / stride)).
    """

    def __init__(
        self, residual: dict[str, nn.Module], in_channels: int, out_channels: int, stride: int, o: ResidualOptions
    ) -> None:
        super().__init__()
        self.residual = nn.Sequential(OrderedDict(residual | o.tail(out_channels)))
        self.shortcut = shortcut(in_channels, out_channels, stride, kind=o.shortcut, style=o.style)
        self.act = nn.Sequential(OrderedDict(o.style.acts()))

    def forward(self, x: Tensor) -> Tensor:
        """Add what the branch learned to what came in."""
        y: Tensor = self.residual(x)
        if self.shortcut is not None:
            y = y + self.shortcut(x)
        return self.act(y)  # type: ignore[no-any-return]


class BasicBlock(PostActivationBlock):
    """Two 3x3 convolutions and a shortcut.

    Shape: (N, C, H, W) -> (N, channels, ceil(H / stride), ceil(W / stride)).
    Source: He et al. 2016a, "Deep residual learning", figure 5 left.

    Raises
    ------
    ConvwrightError
        When told of groups or a width per group, which only bottlenecks have.

    Examples
    --------
    >>> sum(p.numel() for p in BasicBlock(256, 256).parameters())
    1180672
    """

    expansion = 1

    def __init__(
        self, in_channels: int, channels: int, stride: int = 1, options: ResidualOptions | None = None
    ) -> None:
        o = options or ResidualOptions()
        refuse_bottleneck_options(o)
        residual: dict[str, nn.Module] = {
            "conv1": o.conv(in_channels, channels, 3, stride),
            "conv2": ConvNormAct(channels, channels, act="none", style=o.style),
        }
        super().__init__(residual, in_channels, channels, stride, o)


class Bottleneck(PostActivationBlock):
    """1x1 to narrow, 3x3, 1x1 to widen by four, and a shortcut; grouped, it is ResNeXt's block.

    Shape: (N, C, H, W) -> (N, 4 channels, ceil(H / stride), ceil(W / stride)).
    Source: He et al. 2016a, figure 5 right; Xie et al. 2017, "Aggregated residual transformations", figure 3c.

    Examples
    --------
    >>> sum(p.numel() for p in Bottleneck(256, 64).parameters())
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
            "conv1": o.conv(in_channels, width, 1, first),
            "conv2": o.conv(width, width, 3, second, groups=o.groups),
            "conv3": ConvNormAct(width, out_channels, 1, act="none", style=o.style),
        }
        super().__init__(residual, in_channels, out_channels, stride, o)


def refuse_bottleneck_options(o: ResidualOptions) -> None:
    """Raise `ConvwrightError` where a block of two 3x3 convolutions is told what only a bottleneck has."""
    for name, value, default in (
        ("groups", o.groups, 1),
        ("width_per_group", o.width_per_group, 64),
        ("stride_in_1x1", o.stride_in_1x1, False),
    ):
        if value != default:
            raise ConvwrightError(f"{name}={value} and a basic block clash", hint="use a bottleneck block")


BRICK = Brick(
    layer=BasicBlock,
    examples={
        "basic": lambda: BasicBlock(8, 8),
        "basic, halving": lambda: BasicBlock(8, 16, 2, ResidualOptions(shortcut="A", se_ratio=0.25)),
        "basic, blurred": lambda: BasicBlock(8, 16, 2, ResidualOptions(shortcut="D", downsample="blur")),
        "plain": lambda: BasicBlock(8, 16, 2, ResidualOptions(shortcut="none")),
        "bottleneck": lambda: Bottleneck(8, 4),
        "bottleneck, halving": lambda: Bottleneck(8, 4, 2, ResidualOptions(drop_path=0.1)),
        "stride in the 1x1": lambda: Bottleneck(8, 4, 2, ResidualOptions(stride_in_1x1=True)),
        "grouped": lambda: Bottleneck(8, 4, 1, ResidualOptions(groups=4, width_per_group=32)),
    },
)
