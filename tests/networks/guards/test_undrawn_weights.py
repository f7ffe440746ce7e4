"""Large weights get no random numbers; everything else gets its own."""

import pytest
import torch
from torch import nn

from convwright.networks.guards.undrawn_weights import UndrawnWeights


@pytest.mark.parametrize(
    "draw",
    [
        *(nn.init.normal_, nn.init.uniform_, nn.init.kaiming_uniform_, nn.init.trunc_normal_, torch.Tensor.normal_),
        lambda tensor: nn.init.kaiming_uniform_(tensor, a=5**0.5, mode="fan_out"),
        lambda tensor: nn.init.trunc_normal_(tensor, std=0.5, a=0.1, b=3),
    ],
)
def test_a_large_weight_gets_few_numbers_of_its_distribution(draw):
    drawn = draw(torch.full((300, 900), 5.0))  # memory that holds what no initializer would give
    with UndrawnWeights():
        weight = draw(torch.full((300, 900), 5.0))
    mean, std = drawn.mean().item(), drawn.std().item()
    assert weight.mean().item() == pytest.approx(mean, abs=0.03 * std)
    assert weight.std().item() == pytest.approx(std, rel=0.03)
    assert (weight.view(-1)[: 2**16] == weight.view(-1)[2**16 : 2**17]).float().mean() > 0


def test_constants_and_small_weights_are_what_they_are():
    with UndrawnWeights():
        norm, constant = nn.BatchNorm2d(8), nn.init.constant_(torch.empty(512, 512), 3)
        small = nn.init.uniform_(torch.zeros(8))
    assert (norm.weight == 1).all()
    assert (constant == 3).all()
    assert small.count_nonzero() == 8
