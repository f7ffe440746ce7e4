"""What the pooling study claims of its arms."""

import torch

from convwright.layers.pooling import MixedPool2d
from convwright.studies import study_named

STUDY = study_named("pooling")


def built(name):
    return STUDY.arm(name).build(num_classes=10, in_channels=3, seed=0)


def test_every_arm_halves_three_times_as_it_is_called():
    for name in STUDY.arm_names:
        maps = built(name).forward_stages(torch.rand(2, 3, 32, 32))
        assert [tuple(each.shape[2:]) for each in maps.values()] == [(16, 16), (8, 8), (4, 4)]


def test_a_fixed_mix_has_nothing_to_learn_and_the_same_filters():
    fixed, learned, maximum = built("mixed-fixed"), built("mixed"), built("max")
    pools = [layer for layer in fixed.modules() if isinstance(layer, MixedPool2d)]
    assert [pool.mix for pool in pools] == [0.5] * 3
    assert sum(p.numel() for p in learned.parameters()) - sum(p.numel() for p in fixed.parameters()) == 3
    assert fixed.state_dict().keys() == maximum.state_dict().keys()
    assert all(torch.equal(value, maximum.state_dict()[name]) for name, value in fixed.state_dict().items())


def test_expectations_are_those_of_the_sources():
    expected = {arm.name: arm.expected for arm in STUDY.arms if arm.expected}
    assert expected == {"mixed": "better", "gated": "better", "strided": "same"}
