"""What the study of skips and depth claims of its arms."""

import pytest
import torch
from torch import nn

from convwright.studies import study_named
from convwright.studies.library.skip_depth import DEPTHS

STUDY = study_named("skip-depth")


def built(kind, depth):
    return STUDY.arm(f"{kind}-{depth}").build(num_classes=10, in_channels=3, seed=0)


@pytest.mark.parametrize("depth", DEPTHS)
def test_a_pair_has_the_depth_it_is_named_for_and_the_same_weights(depth):
    plain, residual = (built(kind, depth).state_dict() for kind in ("plain", "residual"))
    assert sum(value.ndim in (2, 4) for value in plain.values()) == depth
    assert plain.keys() == residual.keys()
    assert all(torch.equal(value, residual[name]) for name, value in plain.items())


def test_without_what_blocks_learn_only_shortcuts_pass_the_image_on():
    images = torch.rand(2, 3, 32, 32)
    for kind, passes in (("plain", False), ("residual", True)):
        model = built(kind, DEPTHS[-1]).eval()
        for stage in model.stages:
            for block in stage:
                nn.init.zeros_(block.residual.conv2.norm.weight)
        assert bool(model.forward_features(images).any()) == passes
