"""Lp pooling: the power mean of every window."""

import torch
from torch import Tensor, nn

from ...errors import require_at_least
from ..brick import Pooling
from ._window import Pair, WindowPool2d, power_mean


class LpPool2d(WindowPool2d):
    """(1/N sum |x|^p)^(1/p): the average of |x| at p = 1, its maximum as p grows.

    This is the MEAN over the window; `torch.nn.LPPool2d` takes the sum, which is N^(1/p) times more. Signed
    input and windows of zeros have finite gradients at every p.

    Shape: (N, C, H, W) -> (N, C, H', W').
    Source: Sermanet et al. 2012, "Convolutional neural networks applied to house numbers digit
    classification", section 2.2.

    Parameters
    ----------
    p : float
        The power, at least 1: its fixed value, or where learning starts.
    learned : bool
        True to make p a parameter of the layer. Values below 1 count as 1.

    Examples
    --------
    >>> round(LpPool2d(2, p=2)(torch.tensor([[[[1.0, -1.0], [1.0, -5.0]]]])).item(), 4)  # sqrt(28 / 4)
    2.6458
    """

    def __init__(
        self,
        kernel_size: Pair,
        stride: Pair | None = None,
        padding: Pair = 0,
        ceil_mode: bool = False,
        *,
        p: float = 2.0,
        learned: bool = False,
    ) -> None:
        super().__init__(kernel_size, stride, padding, ceil_mode)
        require_at_least("p", p, 1)
        self.start, self.learned = p, learned
        if learned:
            self.p = nn.Parameter(torch.empty(()))
            self.reset_parameters()

    def reset_parameters(self) -> None:
        """Put a learned p back to where it started."""
        if self.learned:
            nn.init.constant_(self.p, self.start)

    def pool(self, x: Tensor) -> Tensor:
        """The power mean of |x| over every window."""
        return power_mean(x.abs(), self.p.clamp(min=1) if self.learned else self.start, self)


BRICK = Pooling(
    layer=LpPool2d,
    examples={"fixed": lambda: LpPool2d(2, p=3), "learned": lambda: LpPool2d(3, 2, 1, p=2, learned=True)},
    formula="(1/N sum |x|^p)^(1/p)",
    best_for="anything between average (p = 1) and max (p to infinity) of the magnitude",
    downside="loses the sign; powers and roots cost more than comparisons",
    halve=lambda ceil_mode: LpPool2d(2, ceil_mode=ceil_mode, p=2),
)
