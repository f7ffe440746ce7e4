"""Muon: momentum whose update of every filter is made orthogonal."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

_COEFFICIENTS = (3.4445, -4.7750, 2.0315)  # Jordan 2024: the steepest at 0 of those that keep within (0.7, 1.2)
_ITERATIONS = 5


def orthogonalized(matrices: Tensor, *, is_half: bool = False) -> Tensor:
    """Nearly the orthogonal factors U V' of matrices U S V': singular values come out from 0.7 to 1.2.

    Parameters
    ----------
    matrices : Tensor
    is_half : bool
        Multiply in bfloat16 on a CPU too: a third of the time where it has instructions for that, longer elsewhere.

    Shape
    -----
    (..., M, N) -> (..., M, N)

    Source: Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks", section "Newton-Schulz".
    On GPUs always in bfloat16, as there.

    >>> values = torch.linalg.svdvals(orthogonalized(torch.randn(16, 64)))
    >>> bool((values > 0.5).all() and (values < 1.3).all())
    True
    """
    a, b, c = _COEFFICIENTS
    x = matrices.to(torch.bfloat16 if is_half or matrices.is_cuda else torch.float32)
    x = x / x.norm(dim=(-2, -1), keepdim=True).clamp(min=1e-7)
    tall = x.shape[-2] > x.shape[-1]
    if tall:
        x = x.mT
    for _ in range(_ITERATIONS):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    factors: Tensor = x.mT if tall else x
    return factors.to(matrices.dtype)


class Muon(Optimizer):
    """Muon for groups with `orthogonal=True`, SGD with the same momentum for the others; weight decay is decoupled.

    A filter (out, in, height, width) is moved as a matrix (out, in*height*width); the step is scaled by
    sqrt(max(1, rows / columns)), as in Jordan's code. `torch.optim.Muon` does the same, but takes matrices only.

    Source: Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks".
    """

    def __init__(
        self,
        params: Iterable[dict[str, Any]],
        *,
        lr: float,
        momentum: float,
        nesterov: bool,
        weight_decay: float,
        is_half: bool = False,
    ) -> None:
        defaults = {"lr": lr, "momentum": momentum, "nesterov": nesterov, "weight_decay": weight_decay}
        super().__init__(params, {**defaults, "orthogonal": False})
        self._is_half = is_half

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        """Move every parameter that has a gradient."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            weights = [weight for weight in group["params"] if weight.grad is not None]
            updates = [self._with_momentum(weight, group) for weight in weights]
            if group["orthogonal"]:
                updates = _orthogonal_updates(updates, is_half=self._is_half)
            for weight, update in zip(weights, updates, strict=True):
                weight.mul_(1 - group["lr"] * group["weight_decay"]).sub_(update, alpha=group["lr"])
        return loss

    def _with_momentum(self, weight: Tensor, group: dict[str, Any]) -> Tensor:
        state = self.state[weight]
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = torch.zeros_like(weight)
        past: Tensor = state["momentum_buffer"]
        gradient: Tensor = weight.grad  # type: ignore[assignment]
        past.mul_(group["momentum"]).add_(gradient)
        return gradient.add(past, alpha=group["momentum"]) if group["nesterov"] else past


def _orthogonal_updates(updates: list[Tensor], *, is_half: bool) -> list[Tensor]:
    """Filters of one shape are orthogonalized together: fewer, larger products."""
    places = defaultdict(list)
    for place, update in enumerate(updates):
        places[update.shape].append(place)
    result = list(updates)
    for shape, alike in places.items():
        matrices = torch.stack([updates[place].reshape(shape[0], -1) for place in alike])
        scale = max(1.0, matrices.shape[1] / matrices.shape[2]) ** 0.5
        for place, matrix in zip(alike, orthogonalized(matrices, is_half=is_half).mul_(scale), strict=True):
            result[place] = matrix.view(shape)
    return result
