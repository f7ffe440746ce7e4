"""Attention with a learned bias against what autograd keeps of it."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from convwright.analysis.memory import measure_memory
from convwright.graph import trace


class Biased(nn.Module):
    """Attention of 4 heads with a bias for each pair of positions, learned or not."""

    def __init__(self, learned: bool, num_axes: int) -> None:
        super().__init__()
        self.qkv, self.out = nn.Linear(32, 96), nn.Linear(32, 2)
        self.bias = nn.Parameter(torch.zeros(4, 64, 64), requires_grad=learned)
        self.num_axes = num_axes

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.qkv(x).view(*x.shape[:2], 3, 4, 8).permute(2, 0, 3, 1, 4).unbind(0)
        bias = self.bias[None] if self.num_axes == 4 else self.bias
        x = F.scaled_dot_product_attention(q, k, v, attn_mask=bias)
        return self.out(x.transpose(1, 2).reshape(*x.shape[:1], 64, 32))


@pytest.mark.parametrize("batch", [1, 2])
@pytest.mark.parametrize(("learned", "num_axes"), [(False, 4), (True, 4), (False, 3), (True, 3)])
def test_it_is_what_a_cpu_takes(
    learned: bool, num_axes: int, batch: int, torch_saved: Any, torch_peak_training: Any
) -> None:
    net, x = Biased(learned, num_axes).train(), torch.rand(batch, 64, 32)
    found = measure_memory(trace(net, tuple(x.shape)))
    assert found.activation_bytes == torch_saved(net, x)
    # Of one image the values are a view of all of `qkv`, which torch frees a little earlier.
    live = torch_peak_training(net, x)
    assert found.peak_training_bytes - found.weight_bytes == pytest.approx(live, rel=0.02 if batch > 1 else 0.08)
    # What a GPU keeps where the fused kernel of a CPU does not run is not known.
    assert found.assumed == (("scaled_dot_product_attention",) if learned or num_axes == 3 else ())
