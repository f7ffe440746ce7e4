"""First weights: the spread that each scheme promises, and nothing left unfilled."""

import math

import pytest
import torch
from torch import nn

from convwright.errors import ConvwrightError
from convwright.models import build
from convwright.models.initialize import SCHEMES, initialize, zero_last_gammas


def filled(scheme, layer):
    initialize(layer, scheme, seed=0)
    return layer


@pytest.mark.parametrize(
    ("scheme", "std"),
    [
        ("resnet", math.sqrt(2 / (128 * 9))),  # He et al. 2015, equation 14: fan out
        ("densenet", math.sqrt(2 / (64 * 9))),  # equation 10: fan in
        ("efficientnet", math.sqrt(2 / (128 * 9))),
    ],
)
def test_convolutions_have_the_schemes_spread(scheme, std):
    weight = filled(scheme, nn.Conv2d(64, 128, 3)).weight
    assert weight.std().item() == pytest.approx(std, rel=0.02)
    assert abs(weight.mean().item()) < std / 50


@pytest.mark.parametrize(("scheme", "bound"), [("resnet", 1 / math.sqrt(400)), ("efficientnet", 1 / math.sqrt(300))])
def test_linear_layers_are_within_the_schemes_bound(scheme, bound):
    weight = filled(scheme, nn.Linear(400, 300)).weight
    assert weight.abs().max().item() == pytest.approx(bound, rel=0.01)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_biases_are_zero_and_norms_neutral(scheme):
    net = filled(scheme, nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Flatten(), nn.Linear(8, 2)))
    assert not net[0].bias.any()
    assert not net[3].bias.any()
    assert torch.equal(net[1].weight, torch.ones(8))
    assert torch.equal(net[1].running_var, torch.ones(8))


def test_layers_of_the_same_name_and_shape_start_alike_in_different_networks():
    short, long, plain = (build(name, seed=3).state_dict() for name in ("resnet20", "resnet32", "plain20"))
    other = build("resnet20", seed=4).state_dict()
    for name in ("stem.conv.conv.weight", "stages.stage1.0.residual.conv1.conv.weight", "head.linear.weight"):
        assert torch.equal(short[name], long[name])
        assert torch.equal(short[name], plain[name])
        assert not torch.equal(short[name], other[name])


def test_two_layers_of_a_network_start_differently():
    weights = build("resnet20").state_dict()
    first, second = (weights[f"stages.stage1.{block}.residual.conv1.conv.weight"] for block in (0, 1))
    assert not torch.equal(first, second)


@pytest.mark.parametrize("make", [lambda: nn.Conv1d(3, 4, 3), lambda: nn.ConvTranspose2d(3, 4, 3), lambda: nn.PReLU(4)])
def test_the_seed_alone_decides_whatever_the_layer(make):
    states = []
    for seed, drawn in ((1, 0), (1, 5), (2, 0)):
        torch.manual_seed(drawn)
        layer, before = make(), torch.get_rng_state()
        initialize(layer, "resnet", seed=seed)
        assert torch.equal(torch.get_rng_state(), before)
        states.append(layer.weight)
    assert torch.equal(states[0], states[1])
    assert torch.equal(states[0], states[2]) is isinstance(layer, nn.PReLU)


def test_a_layer_that_cannot_be_filled_is_refused():
    class Bare(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.empty(3))

    with pytest.raises(TypeError, match="Bare has weights but no reset_parameters"):
        initialize(Bare(), "resnet", seed=0)
    with pytest.raises(ConvwrightError, match="unknown initialization 'resnett'"):
        initialize(Bare(), "resnett", seed=0)


def test_zero_gammas_are_the_last_of_each_branch():
    model = build("resnet20")
    zero_last_gammas(model)
    gammas = {n: p for n, p in model.named_parameters() if n.endswith("norm.weight")}
    assert {n for n, p in gammas.items() if not p.any()} == {n for n in gammas if "residual.conv2" in n}
