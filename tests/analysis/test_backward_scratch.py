"""Peaks of training with formulas that allocate, against live tensors."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from convwright.analysis.memory import measure_memory
from convwright.graph import trace


class Between(nn.Module):
    """A function of a convolution's result, then a pool: what it makes, and its gradient, is not held by the caller."""

    def __init__(self, function: Callable[[nn.Module, Tensor], Tensor]) -> None:
        super().__init__()
        self.conv, self.gate = nn.Conv2d(4, 8, 1), nn.Conv2d(8, 8, 1)
        self.scale = nn.Parameter(torch.ones(8, 1, 1))
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        made = self.function(self, self.conv(x)).flatten(1).unsqueeze(1)
        return F.avg_pool1d(made, min(64, made.shape[-1]))


FUNCTIONS: dict[str, Callable[[Any, Tensor], Tensor]] = {
    "gate of two": lambda _, x: x.sigmoid() * x.tanh(),
    "squeeze-excite": lambda net, x: x * net.gate(x.mean((2, 3), keepdim=True)).sigmoid(),
    "squeeze-excite by a pool": lambda net, x: x * net.gate(F.adaptive_avg_pool2d(x, 1)).sigmoid(),
    "layer scale": lambda net, x: x * net.scale,
    "residual with a scale": lambda net, x: x + x * net.scale,
    "glu": lambda _, x: F.glu(x, 1),
    "gate of parts": lambda _, x: (lambda a, b: a.sigmoid() * b.tanh())(*x.chunk(2, 1)),
    "half of the parts": lambda _, x: x.chunk(2, 1)[0],
    "clamp": lambda _, x: x.clamp(0, 1),
    "clamp_min": lambda _, x: x.clamp_min(0),
    "relu6": lambda _, x: F.relu6(x),
    "max_pool2d": lambda _, x: F.max_pool2d(x, 2),
    "max_pool2d of stride 1": lambda _, x: F.max_pool2d(x, 3, 1, 1),
    "abs": lambda _, x: x.abs(),
    "sqrt": lambda _, x: x.abs().sqrt(),
    "pow": lambda _, x: x**3,
    "square": lambda _, x: x.square(),
    "div": lambda _, x: x / (x.abs() + 1),
    "normalize": lambda _, x: F.normalize(x, dim=1),
    "std": lambda _, x: x.std((2, 3)),
    "logsumexp": lambda _, x: x.logsumexp(1),
    "prelu": lambda net, x: F.prelu(x, net.scale.flatten()),
    "maximum": lambda _, x: torch.maximum(x, x.neg()),
    "amax": lambda _, x: x.amax((2, 3)),
    "rows by number": lambda _, x: x[:, torch.tensor([1, 2, 0])],
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_peak_is_that_of_live_tensors(name: str, torch_peak_training: Any) -> None:
    net, x = Between(FUNCTIONS[name]).train(), torch.rand(2, 4, 32, 32)
    found = measure_memory(trace(net, tuple(x.shape)))
    assert found.peak_training_bytes - found.weight_bytes == pytest.approx(torch_peak_training(net, x), rel=0.02)
