"""A running average of weights, which is evaluated in their place."""

import copy
from collections.abc import Collection

import torch
from torch import nn


class WeightAverage:
    """A copy of a model whose weights and buffers follow the model's slowly.

    After step number t (from 1), average = d * average + (1 - d) * weights with d = min(decay, (1 + t) / (10 + t)), so
    that a short run forgets its first weights; integer buffers are copied.

    Source: Polyak and Juditsky 1992; the early decay is that of TensorFlow's ExponentialMovingAverage.

    >>> net = nn.Linear(1, 1)
    >>> average = WeightAverage(net, 0.9)
    >>> _ = nn.init.constant_(net.weight, 2.0), nn.init.constant_(average.model.weight, 0.0)
    >>> average.update(net, 1)
    >>> round(average.model.weight.item(), 4) == round((1 - 2 / 11) * 2, 4)
    True
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.decay = decay
        self.model = copy.deepcopy(model).requires_grad_(False).eval()

    @torch.no_grad()
    def update(self, model: nn.Module, step: int, frozen: Collection[str] = ()) -> None:
        """Move towards the model's values after its step number `step`, from 1; entries in `frozen` stay."""
        decay = min(self.decay, (1 + step) / (10 + step))
        ours, theirs = self.model.state_dict(), model.state_dict()
        moving = [name for name, value in ours.items() if value.is_floating_point() and name not in frozen]
        torch._foreach_lerp_([ours[name] for name in moving], [theirs[name] for name in moving], 1 - decay)
        for name in ours.keys() - set(moving) - set(frozen):
            ours[name].copy_(theirs[name])
