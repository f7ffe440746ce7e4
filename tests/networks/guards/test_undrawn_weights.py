"""Large weights get no random numbers; everything else gets its own."""

import pytest
import torch
from torch import nn

from convwright.networks.guards.undrawn_weights import UndrawnWeights


@pytest.mark.parametrize(
    "draw", [nn.init.normal_, nn.init.kaiming_uniform_, nn.init.trunc_normal_, torch.Tensor.normal_]
)
def test_a_large_weight_is_not_drawn_and_no_constant(draw):
    with UndrawnWeights(), torch.random.fork_rng():
        before = torch.random.get_rng_state()
        weight = draw(torch.full((512, 512), 5.0))
        assert torch.equal(torch.random.get_rng_state(), before)
    assert weight[0, 0] != weight[-1, -1]


def test_constants_and_small_weights_are_what_they_are():
    with UndrawnWeights():
        norm, constant = nn.BatchNorm2d(8), nn.init.constant_(torch.empty(512, 512), 3)
        small = nn.init.uniform_(torch.zeros(8))
    assert (norm.weight == 1).all()
    assert (constant == 3).all()
    assert small.count_nonzero() == 8
