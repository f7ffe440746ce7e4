"""Stochastic pooling."""

import torch
from torch import Tensor

from ..brick import Pooling
from ._window import Pair, WindowPool2d


class StochasticPool2d(WindowPool2d):
    """In training one value of each window, drawn in proportion to its size; in eval the expected value.

    A value below zero has probability zero, and a window without a positive value gives zero. In eval the
    result is the mean of the values weighted by their probabilities.

    Shape: (N, C, H, W) -> (N, C, H', W').
    Source: Zeiler & Fergus 2013, "Stochastic pooling for regularization of deep CNNs", sections 3.1 and 3.2.

    Parameters
    ----------
    generator : torch.Generator, optional
        Generator of the draws, on the device of the input; torch's global one when left out.

    Examples
    --------
    >>> pool = StochasticPool2d(2).eval()
    >>> pool(torch.tensor([[[[1.0, 3.0], [-5.0, 0.0]]]])).item()  # (1 * 1 + 3 * 3) / (1 + 3)
    2.5
    """

    def __init__(
        self,
        kernel_size: Pair,
        stride: Pair | None = None,
        padding: Pair = 0,
        ceil_mode: bool = False,
        *,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(kernel_size, stride, padding, ceil_mode)
        self.generator = generator

    def pool(self, x: Tensor) -> Tensor:
        """Draw from every window in training, average it by its probabilities in eval."""
        return self._draw(x) if self.training else self._expect(x)

    def _draw(self, x: Tensor) -> Tensor:
        candidates = self.windows(x).clamp(min=0)
        cumulative = candidates.detach().float().cumsum(2)
        total = cumulative[:, :, -1:]
        uniform = torch.rand(total.shape, generator=self.generator, device=x.device, dtype=total.dtype)
        # The first place where the running sum passes the draw: a value of zero adds nothing, so it is never first.
        chosen = (cumulative <= uniform * total).sum(2, keepdim=True)
        last = candidates.shape[2] - 1  # reached by windows that hold no positive value: any place gives zero
        return candidates.gather(2, chosen.clamp(max=last)).squeeze(2)

    def _expect(self, x: Tensor) -> Tensor:
        candidates = self.windows(x).clamp(min=0)
        total = candidates.sum(2, keepdim=True)
        # Divided before multiplied: squares would overflow, or vanish, in half precision.
        probabilities = candidates / torch.where(total > torch.finfo(x.dtype).tiny, total, torch.ones_like(total))
        return (probabilities * candidates).sum(2)


BRICK = Pooling(
    layer=StochasticPool2d,
    examples={"halves": lambda: StochasticPool2d(2), "overlapping": lambda: StochasticPool2d(3, 2, 1)},
    formula="x_i with probability x_i / sum(x); eval: sum(x^2) / sum(x)",
    best_for="regularization without a parameter: every forward sees another subsampling",
    downside="needs non-negative input (after a ReLU); slower in training",
    halve=lambda ceil_mode: StochasticPool2d(2, ceil_mode=ceil_mode),
)
