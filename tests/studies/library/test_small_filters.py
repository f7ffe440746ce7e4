"""What the study of small filters claims of its arms, and the course of stacks."""

import pytest
import torch
from torch import nn

import convwright
from convwright.studies import study_named
from convwright.studies.library.small_filters import stages_of

STUDY = study_named("small-filters")


def stage_of(kernels, width=16, inner="relu"):
    """The convolutions of a first stage."""
    model = stages_of(num_classes=10, in_channels=3, seed=0, kernels=kernels, width=width, inner=inner)
    return model.stage1[:-1]


@pytest.mark.parametrize("arm", STUDY.arms, ids=lambda arm: arm.name)
def test_every_stage_sees_seven_pixels(arm):
    stage = stage_of(**arm.options)
    analysis = convwright.analyze(stage.eval(), (1, arm.options["width"], 32, 32))
    assert analysis.totals.receptive_field_px == (7, 7)


@pytest.mark.parametrize(("kernels", "weights"), [((3, 3, 3), 27), ((3, 5), 34), ((7,), 49), ((3, 3), 18), ((5,), 25)])
def test_weights_for_each_pair_of_channels(kernels, weights):
    convs = [each for each in stage_of(kernels, width=64).modules() if isinstance(each, nn.Conv2d)]
    assert sum(conv.weight.numel() for conv in convs) == weights * 64 * 64


def test_two_3x3_see_as_much_as_one_5x5():
    fields = [
        convwright.analyze(stage_of(kernels).eval(), (1, 16, 32, 32)).totals.receptive_field_px
        for kernels in ((3, 3), (5,))
    ]
    assert fields == [(5, 5), (5, 5)]


@pytest.mark.parametrize(("inner", "is_linear"), [("none", True), ("relu", False)])
def test_without_activations_a_stack_is_one_linear_filter(inner, is_linear):
    stage = stage_of((3, 3, 3), inner=inner).double().eval()
    stage[-1].act = nn.Identity()
    x, y = torch.randn(2, 1, 16, 12, 12, dtype=torch.float64)
    with torch.no_grad():
        assert torch.allclose(stage(x + y), stage(x) + stage(y)) == is_linear
