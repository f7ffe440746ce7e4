"""Generalized-mean (GeM) pooling."""

import torch
from torch import Tensor, nn

from ...errors import require_at_least
from ..brick import Pooling
from ._window import Pair, WindowPool2d, power_mean


class GeMPool2d(WindowPool2d):
    """(1/N sum max(x, 0)^p)^(1/p) with a learned p, over windows or over the whole map.

    Shape: (N, C, H, W) -> (N, C, H', W'), or (N, C, 1, 1) when `kernel_size` is left out.
    Source: Radenovic et al. 2018, "Fine-tuning CNN image retrieval with no human annotation", section 3.2.

    Parameters
    ----------
    kernel_size : int or pair, optional
        The window; the whole map when left out, as in the paper.
    p : float
        Initial value of the learned power, at least 1. Values below 1 count as 1.

    Examples
    --------
    >>> GeMPool2d(p=1.0)(torch.tensor([[[[1.0, 3.0], [4.0, -9.0]]]])).item()
    2.0
    """

    def __init__(
        self,
        kernel_size: Pair | None = None,
        stride: Pair | None = None,
        padding: Pair = 0,
        ceil_mode: bool = False,
        *,
        p: float = 3.0,
    ) -> None:
        super().__init__(1 if kernel_size is None else kernel_size, stride, padding, ceil_mode)
        require_at_least("p", p, 1)
        self.whole_map, self.start = kernel_size is None, p
        self.p = nn.Parameter(torch.empty(()))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Put p back to where it started."""
        nn.init.constant_(self.p, self.start)

    def pool(self, x: Tensor) -> Tensor:
        """The power mean of the positive part of `x`."""
        return power_mean(x.clamp(min=0), self.p.clamp(min=1), None if self.whole_map else self)


BRICK = Pooling(
    layer=GeMPool2d,
    examples={"whole map": GeMPool2d, "windows": lambda: GeMPool2d(3, 2, 1, p=2.5)},
    formula="(1/N sum max(x, 0)^p)^(1/p), p learned",
    best_for="retrieval and transfer heads: between average and max pooling",
    downside="one parameter; powers and roots; needs non-negative features",
    halve=lambda ceil_mode: GeMPool2d(2, ceil_mode=ceil_mode),
)
