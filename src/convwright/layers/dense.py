"""Dense blocks: every layer reads all maps before it."""

from contextlib import nullcontext

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from ..errors import require_at_least
from .brick import Brick
from .conv import ConvStyle, NormActConv
from .downsample import STRIDED, halving_pool


class DenseLayer(nn.Module):
    """1x1 to 4 growth rates, then 3x3 to one, on the concatenation of all maps before it.

    Shape: maps of (N, C_i, H, W) -> (N, growth_rate, H, W).
    Source: Huang et al. 2017, "Densely connected convolutional networks", section 3, DenseNet-B; Pleiss et al.
    2017, "Memory-efficient implementation of DenseNets" (recompute the concatenation in the backward pass).

    Parameters
    ----------
    in_channels : int
        Channels of all inputs together.
    memory_efficient : bool
        Compute the first half again in the backward pass rather than keep it; the running statistics of its
        norm see each batch once all the same.

    Examples
    --------
    >>> DenseLayer(16, 12)(torch.ones(2, 8, 5, 5), torch.ones(2, 8, 5, 5)).shape
    torch.Size([2, 12, 5, 5])
    """

    def __init__(
        self,
        in_channels: int,
        growth_rate: int,
        *,
        memory_efficient: bool = False,
        style: ConvStyle = ConvStyle(),
    ) -> None:
        super().__init__()
        self.memory_efficient = memory_efficient
        self.conv1 = NormActConv(in_channels, 4 * growth_rate, 1, style=style)
        self.conv2 = NormActConv(4 * growth_rate, growth_rate, 3, style=style)

    def forward(self, *maps: Tensor) -> Tensor:
        """Return the maps that this layer adds to `maps`."""
        recompute = self.memory_efficient and torch.is_grad_enabled() and any(m.requires_grad for m in maps)
        if recompute and not torch.compiler.is_compiling():  # the compiler chooses by itself what to compute again
            contexts = (nullcontext(), _FrozenStatistics(self.conv1))  # of the first run, and of the repeated one
            narrowed = checkpoint(self._narrow, *maps, use_reentrant=False, context_fn=lambda: contexts)
        else:
            narrowed = self._narrow(*maps)
        return self.conv2(narrowed)  # type: ignore[no-any-return]

    def _narrow(self, *maps: Tensor) -> Tensor:
        return self.conv1(torch.cat(maps, 1))  # type: ignore[no-any-return]


class _FrozenStatistics:
    """Keep a recomputation from counting the batch a second time; entered once for every backward pass."""

    def __init__(self, module: nn.Module) -> None:
        self.norms = [layer for layer in module.modules() if isinstance(layer, nn.BatchNorm2d)]

    def __enter__(self) -> None:
        self.before = [(norm.momentum, norm.num_batches_tracked) for norm in self.norms]
        for norm in self.norms:  # not track_running_stats: autograd keeps the statistics, and must find them again
            norm.momentum, norm.num_batches_tracked = 0.0, None

    def __exit__(self, *_error: object) -> None:
        for norm, (momentum, batches) in zip(self.norms, self.before, strict=True):
            norm.momentum, norm.num_batches_tracked = momentum, batches


class DenseBlock(nn.Module):
    """Dense layers one after another, and all maps together at the end.

    Shape: (N, C, H, W) -> (N, C + depth * growth_rate, H, W).
    Source: Huang et al. 2017, section 3, equation 2.

    Examples
    --------
    >>> DenseBlock(16, 12, depth=3)(torch.ones(2, 16, 5, 5)).shape
    torch.Size([2, 52, 5, 5])
    """

    def __init__(
        self,
        in_channels: int,
        growth_rate: int,
        depth: int,
        *,
        memory_efficient: bool = False,
        style: ConvStyle = ConvStyle(),
    ) -> None:
        super().__init__()
        require_at_least("depth of a dense block", depth, 1)
        self.layers = nn.Sequential(
            *(
                DenseLayer(in_channels + i * growth_rate, growth_rate, memory_efficient=memory_efficient, style=style)
                for i in range(depth)
            )
        )

    def forward(self, x: Tensor) -> Tensor:
        """Concatenate `x` and what each layer adds."""
        maps = [x]
        for layer in self.layers:
            maps.append(layer(*maps))
        return torch.cat(maps, 1)


class Transition(NormActConv):
    """Between dense blocks: norm, activation, 1x1 convolution that compresses, and a halving of the map.

    The average pool stands after the convolution, as in the paper; any other pool before it, on activated
    values (for the average the two orders give the same). "strided" takes a 3x3 convolution of stride 2.

    Shape: (N, C, H, W) -> (N, C', H / 2, W / 2), rounded down.
    Source: Huang et al. 2017, section 3, pooling layers and compression.

    Examples
    --------
    >>> Transition(52, 26)(torch.ones(2, 52, 8, 8)).shape
    torch.Size([2, 26, 4, 4])
    """

    def __init__(
        self, in_channels: int, out_channels: int, downsample: str = "average", *, style: ConvStyle = ConvStyle()
    ) -> None:
        strided = downsample == STRIDED
        pool = None if strided else halving_pool(downsample, ceil_mode=False)
        last = downsample == "average"
        kernel_size, stride = (3, 2) if strided else (1, 1)
        super().__init__(in_channels, out_channels, kernel_size, stride, pool=None if last else pool, style=style)
        if last and pool:
            self.pool = pool


BRICK = Brick(
    layer=DenseBlock,
    examples={
        "three layers": lambda: DenseBlock(8, 4, 3),
        "memory efficient": lambda: DenseBlock(8, 4, 2, memory_efficient=True),
        "one layer": lambda: DenseLayer(8, 4),
        "transition": lambda: Transition(8, 4),
        "strided transition": lambda: Transition(8, 4, "strided"),
        "max transition": lambda: Transition(8, 4, "max"),
    },
)
