"""Base of every architecture: a config, and a module of stem, stages, final layers and head."""

import math
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, Self

import torch
from torch import Tensor, nn

from ..errors import ConvwrightError, require_at_least, require_choice, require_fraction
from ..layers import ACTIVATIONS, HEADS, STEMS, ConvStyle, Head, downsample_names
from ..preprocessing import Preprocessing
from .initialize import allocated, initialize


@dataclass(frozen=True, kw_only=True)
class NetConfig:
    """Options of every family; each adds its paper's table.

    Attributes
    ----------
    num_classes, in_channels : int
        Logits out, channels of the image.
    input_size : int
        Height and width in pixels that the design was made for; any other size is accepted too.
    stem, head, downsample : str
        Names of `Stem`, `Head` and `Downsample` kinds. `downsample` is about the halvings between and in
        stages; how a stem downsamples is the stem's own business.
    dropout : float
        In the head.
    hidden : int
        Width of a linear layer between pooling and classifier, for head "gap"; 0 for none.
    width, depth : float
        Multiply all channels (rounded to a multiple of 8) and all block counts (rounded up).
    act, norm, norm_eps, norm_momentum
        See `ConvStyle`.
    """

    num_classes: int = 1000
    in_channels: int = 3
    input_size: int = 224
    stem: str = "imagenet"
    head: str = "gap"
    downsample: str = "strided"
    dropout: float = 0.0
    hidden: int = 0
    width: float = 1.0
    depth: float = 1.0
    act: str = "relu"
    norm: Literal["batch", "none"] = "batch"
    norm_eps: float = 1e-5
    norm_momentum: float = 0.1

    def __post_init__(self) -> None:
        for what in ("num_classes", "in_channels", "input_size"):
            require_at_least(what, getattr(self, what), 1)
        require_at_least("hidden", self.hidden, 0)
        for what in ("width", "depth"):
            if not 0 < getattr(self, what) < math.inf:
                raise ConvwrightError(what, expected="a multiplier above 0", got=str(getattr(self, what)))
        require_choice("stem", self.stem, STEMS)
        require_choice("head", self.head, HEADS)
        require_choice("downsample", self.downsample, downsample_names())
        require_choice("activation", self.act, ACTIVATIONS)
        require_fraction("dropout", self.dropout)

    @property
    def style(self) -> ConvStyle:
        """Norm and activation of the convolutions."""
        return ConvStyle(act=self.act, norm=self.norm, norm_eps=self.norm_eps, norm_momentum=self.norm_momentum)

    def channels_of(self, channels: int) -> int:
        """`channels` after the width multiplier."""
        return channels if self.width == 1 else round_channels(channels * self.width)

    def blocks_of(self, blocks: int) -> int:
        """`blocks` after the depth multiplier."""
        return math.ceil(blocks * self.depth)

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain values."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


def round_channels(channels: float, divisor: int = 8) -> int:
    """The nearest multiple of `divisor`, never more than 10 % below what was asked.

    Source: the rule of the MobileNet and EfficientNet reference code.

    >>> round_channels(32 * 1.1), round_channels(16 * 0.5), round_channels(9.4)
    (32, 8, 16)
    """
    rounded = max(divisor, int(channels + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * channels else rounded


class ConvNet(nn.Module):
    """stem -> stages -> final -> head: the same for every family.

    Shape: (N, in_channels, H, W) -> (N, num_classes), or (N, num_features) with head "none".

    Parameters
    ----------
    config : NetConfig
        The config; kept as `model.config`.
    stem, stages, final : nn.Module, sequence of nn.Module, nn.Module or None
        The parts. `final` is what some designs have between the last block and the pooling.
    num_features : int
        Channels of the last map.
    init : str
        A scheme of `initialize.SCHEMES`.

    Attributes
    ----------
    preprocessing : Preprocessing or None
        Preprocessing of images for the weights that were loaded.
    class_names : tuple[str, ...] or None
        Names of the logits of the weights that were loaded.
    """

    init: str

    def __init__(
        self,
        config: NetConfig,
        *,
        stem: nn.Module,
        stages: Sequence[nn.Module],
        final: nn.Module | None,
        num_features: int,
    ) -> None:
        super().__init__()
        self.config = config
        self.num_features = num_features
        self.stem = stem
        self.stages = nn.Sequential(OrderedDict((f"stage{i}", stage) for i, stage in enumerate(stages, start=1)))
        self.final = nn.Sequential() if final is None else final
        self.head = self._make_head()
        self.preprocessing: Preprocessing | None = None
        self.class_names: tuple[str, ...] | None = None

    def forward(self, x: Tensor) -> Tensor:
        """Logits of images `x` of shape (N, in_channels, H, W)."""
        return self.head(self.forward_features(x))  # type: ignore[no-any-return]

    def forward_features(self, x: Tensor) -> Tensor:
        """The last map, of `num_features` channels: what the head pools."""
        self._check_input(x)
        return self.final(self.stages(self.stem(x)))  # type: ignore[no-any-return]

    def forward_stages(self, x: Tensor) -> dict[str, Tensor]:
        """The map after every stage, by name: "stage1", "stage2", ..."""
        self._check_input(x)
        maps = {}
        x = self.stem(x)
        for name, stage in self.stages.named_children():
            x = maps[name] = stage(x)
        return maps

    def replace_head(self, num_classes: int, *, head: str | None = None, seed: int = 0) -> Self:
        """Put a fresh head for `num_classes` in place of the present one; everything else stays.

        Parameters
        ----------
        num_classes : int
            Logits of the new head.
        head : {"gap", "fc", "none"}, optional
            Its kind; the same kind as now when left out.
        seed : int
            Seed of its initial weights.

        Returns
        -------
        ConvNet
            This model, changed.
        """
        like = next(self.parameters())
        self.config = replace(self.config, num_classes=num_classes, head=head or self.config.head)
        with torch.device("meta"):
            fresh = self._make_head()
        if like.device.type != "meta":
            initialize(allocated(fresh), self.init, seed=seed)
        self.head = fresh.to(device=like.device, dtype=like.dtype)
        self.head.train(self.training)
        self.class_names = None
        return self

    def _make_head(self) -> Head:
        c = self.config
        return Head(c.head, self.num_features, c.num_classes, dropout=c.dropout, hidden=c.hidden, act=c.act)

    def _check_input(self, x: Tensor) -> None:
        if x.ndim != 4 or x.shape[1] != self.config.in_channels:
            raise ConvwrightError(
                f"the input of {type(self).__name__}",
                expected=f"images of shape (N, {self.config.in_channels}, H, W)",
                got=str(tuple(x.shape)),
                hint="add the batch axis, or build with in_channels=" + str(x.shape[1] if x.ndim == 4 else "..."),
            )
