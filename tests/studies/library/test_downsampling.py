"""What the downsampling study claims of its arms, and the course of their blocks."""

import pytest
import torch
from torch import nn

import convwright
from convwright.models import build
from convwright.studies import study_named

STUDY = study_named("downsampling")


def built(name):
    return STUDY.arm(name).build(num_classes=10, in_channels=3, seed=0)


@pytest.mark.parametrize(("kind", "macs"), [("max", 75_497_472), ("average", 75_497_472), ("strided", 18_874_368)])
def test_the_courses_block_from_64_to_128_channels(kind, macs):
    block = build(f"downsample_stack_{kind}").stages.stage1
    totals = convwright.analyze(block, (1, 64, 32, 32)).totals
    assert (totals.parameters, totals.macs) == (64 * 128 * 9 + 128, macs)


def test_every_arm_halves_three_times():
    for name in STUDY.arm_names:
        maps = built(name).forward_stages(torch.rand(2, 3, 32, 32))
        assert [tuple(each.shape[2:]) for each in maps.values()] == [(16, 16), (8, 8), (4, 4)]


def test_the_courses_three_ways_start_from_the_same_weights():
    maximum = built("max").state_dict()
    for name in ("average", "strided"):
        other = built(name).state_dict()
        assert other.keys() == maximum.keys()
        assert all(torch.equal(value, maximum[key]) for key, value in other.items())


def test_a_network_of_convolutions_alone_has_a_strided_one_for_each_pool():
    model = built("all-convolutional")
    assert not [each for each in model.modules() if isinstance(each, nn.MaxPool2d | nn.AvgPool2d)]
    for stage in model.stages:
        convs = [each for each in stage.modules() if isinstance(each, nn.Conv2d)]
        assert [conv.stride for conv in convs] == [(1, 1), (2, 2)]
        assert convs[1].in_channels == convs[1].out_channels
