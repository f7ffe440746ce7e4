"""What the study of compound scaling claims of its arms."""

import pytest
import torch
from torch import nn

import convwright
from convwright.models import compound
from convwright.studies import study_named

STUDY = study_named("compound-scaling")
SCALED = ("compound", "depth", "width", "resolution")


def built(name):
    return STUDY.arm(name).build(num_classes=10, in_channels=3, seed=0)


def macs(name):
    return convwright.analyze(built(name).eval(), (1, 3, 32, 32)).totals.macs


@pytest.mark.parametrize("name", SCALED)
def test_an_arm_does_four_times_the_work_of_the_small_network(name):
    assert macs(name) / macs("small") == pytest.approx(4, rel=0.1)


@pytest.mark.parametrize(("name", "depth"), [("small", 14), ("compound", 20), ("depth", 50), ("width", 14)])
def test_an_arm_has_the_layers_it_claims(name, depth):
    layers = [each for each in built(name).modules() if isinstance(each, nn.Conv2d | nn.Linear)]
    assert len(layers) == depth


@pytest.mark.parametrize(("name", "size"), [("small", 16), ("compound", 20), ("resolution", 32)])
def test_a_network_gets_images_of_its_own_size(name, size):
    model, sizes = built(name), []
    model.net.stem.register_forward_hook(lambda _layer, inputs, _output: sizes.append(tuple(inputs[0].shape[2:])))
    model(torch.rand(2, 3, 32, 32))
    assert sizes == [(size, size)]


def test_full_resolution_is_the_image_as_it_is():
    model, images = built("resolution").eval(), torch.rand(2, 3, 32, 32)
    assert torch.allclose(model(images), model.net(images), atol=1e-6)


def test_halving_an_image_leaves_nothing_out():
    model, image = built("small").eval(), torch.zeros(1, 3, 32, 32)
    seen = []
    model.net.stem.register_forward_hook(lambda _layer, inputs, _output: seen.append(inputs[0]))
    for column in range(8, 12):
        one = image.clone()
        one[..., 8, column] = 1
        model(one)
        assert seen[-1].sum().item() == pytest.approx(3 / 4, rel=0.01)


def test_the_multipliers_of_the_compound_arm_are_near_those_of_the_paper():
    said, paper = STUDY.arm("compound").options, compound(2)
    for dimension in ("depth", "width", "resolution"):
        assert said[dimension] == pytest.approx(getattr(paper, dimension), rel=0.1)
