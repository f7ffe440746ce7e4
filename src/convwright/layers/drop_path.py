"""Stochastic depth: drop whole residual branches, sample by sample."""

import torch
from torch import Tensor, nn

from ..errors import require_fraction
from .brick import Brick


class DropPath(nn.Module):
    """Zero each sample with probability p in training and scale the others by 1 / (1 - p).

    Shape: any (N, ...) -> the same.
    Source: Huang et al. 2016, "Deep networks with stochastic depth", section 3.

    Parameters
    ----------
    p : float
        The probability to drop, 0 <= p < 1.
    generator : torch.Generator, optional
        Generator of the draws; torch's global one when left out.

    Examples
    --------
    >>> DropPath(0.5).eval()(torch.ones(2, 1)).tolist()
    [[1.0], [1.0]]
    """

    def __init__(self, p: float, *, generator: torch.Generator | None = None) -> None:
        super().__init__()
        require_fraction("drop_path", p)
        self.p, self.generator = p, generator

    def forward(self, x: Tensor) -> Tensor:
        """Drop whole samples of `x`."""
        if not self.training or self.p == 0:
            return x
        draws = torch.rand(x.shape[0], *[1] * (x.ndim - 1), generator=self.generator, device=x.device)
        return x * ((draws >= self.p) / (1 - self.p)).to(x.dtype)

    def extra_repr(self) -> str:
        """The probability, as torch prints it."""
        return f"p={self.p}"


BRICK = Brick(layer=DropPath, examples={"half": lambda: DropPath(0.5)})
