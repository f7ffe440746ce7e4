"""Which parameters are decayed, and by what they are moved."""

import pytest
from torch import nn

from convwright.errors import ConvwrightError
from convwright.training.layer_groups import LayerGroup
from convwright.training.optimizers import make_optimizer, parameter_groups
from convwright.training.recipe import OptimizerRecipe


def net():
    return nn.ModuleDict(
        {
            "stem": nn.Conv2d(3, 8, 3),
            "norm": nn.BatchNorm2d(8),
            "depthwise": nn.Conv2d(8, 8, 3, groups=8, bias=False),
            "head": nn.Linear(8, 2),
        }
    )


def named_groups(model, recipe):
    names = {id(weight): name for name, weight in model.named_parameters()}
    groups = parameter_groups(model, recipe)
    return [({names[id(each)] for each in group["params"]}, group["weight_decay"], group["lr"]) for group in groups]


PLAIN = {"stem.bias", "norm.weight", "norm.bias", "head.bias"}


@pytest.mark.parametrize("name", ["sgd", "adamw"])
def test_norms_and_biases_are_not_decayed(name):
    found = named_groups(net(), OptimizerRecipe(name=name, lr=0.3, weight_decay=0.01))
    assert found == [({"stem.weight", "depthwise.weight", "head.weight"}, 0.01, 0.3), (PLAIN, 0.0, 0.3)]


def test_muon_moves_filters_and_leaves_the_rest_to_sgd():
    recipe = OptimizerRecipe(name="muon", lr=0.3, other_lr=0.05, weight_decay=0.01)
    found = named_groups(net(), recipe)
    assert found == [
        ({"stem.weight"}, 0.01, 0.3),
        ({"depthwise.weight", "head.weight"}, 0.01, 0.05),
        (PLAIN, 0.0, 0.05),
    ]
    assert [group["orthogonal"] for group in make_optimizer(net(), recipe).param_groups] == [True, False, False]


def test_frozen_parameters_are_left_out_and_shared_ones_counted_once():
    model = net()
    model["stem"].requires_grad_(False)
    model["again"] = model["head"]
    found = set().union(*(names for names, _, _ in named_groups(model, OptimizerRecipe())))
    assert found == {"norm.weight", "norm.bias", "depthwise.weight", "head.weight", "head.bias"}
    optimizer = make_optimizer(model, OptimizerRecipe())
    assert sum(len(group["params"]) for group in optimizer.param_groups) == 5


def test_what_cannot_be_moved_is_refused():
    with pytest.raises(ConvwrightError, match="parameters that take gradients"):
        make_optimizer(net().requires_grad_(False), OptimizerRecipe())
    with pytest.raises(ConvwrightError, match="convolutions for muon"):
        make_optimizer(nn.Linear(2, 2), OptimizerRecipe(name="muon"))


@pytest.mark.parametrize("name", ["sgd", "adamw", "muon"])
def test_parts_have_rates_of_their_own_and_every_parameter_that_learns_is_in_one_group(name):
    model = net()
    layer_groups = (
        LayerGroup(name="stem", modules=("stem",), starts=1.0),
        LayerGroup(name="middle", modules=("norm", "depthwise"), lr_factor=0.1, starts=0.5),
        LayerGroup(name="head", modules=("head",)),
    )
    recipe = OptimizerRecipe(name=name, lr=0.3, other_lr=0.3, weight_decay=0.01)
    names = {id(weight): name for name, weight in model.named_parameters()}
    groups = parameter_groups(model, recipe, layer_groups)
    found = [
        ({names[id(each)] for each in group["params"]}, group["layer_group"], group["initial_lr"]) for group in groups
    ]
    assert found == [
        ({"depthwise.weight"}, "middle", pytest.approx(0.03)),
        ({"norm.weight", "norm.bias"}, "middle", pytest.approx(0.03)),
        ({"head.weight"}, "head", 0.3),
        ({"head.bias"}, "head", 0.3),
    ]
    assert [group["weight_decay"] for group in groups] == [0.01, 0.0, 0.01, 0.0]
