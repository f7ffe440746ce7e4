"""Parts of a network: what they hold, and that together they hold everything once."""

import pytest
import torch
from torch import nn

from convwright.errors import ConvwrightError
from convwright.training.layer_groups import WHOLE, LayerGroup, check_layer_groups
from reference.tiny_training import tiny_layer_groups, tiny_net


def group(name, *modules, **fields):
    return LayerGroup(name=name, modules=modules, **fields)


@pytest.mark.parametrize(
    "layer_groups", [(), tiny_layer_groups(), (WHOLE,), (group("a", "0", "1", "3"), group("b", "7"))]
)
def test_layer_groups_that_hold_everything_once_are_right(layer_groups):
    check_layer_groups(tiny_net(), layer_groups)


@pytest.mark.parametrize(
    ("layer_groups", "said"),
    [
        ([group("stem", "0", "1"), group("head", "7")], "got 3.weight in none"),
        ([group("all", ""), group("head", "7")], "got 7.weight in all and head"),
        ([group("stem", "0", "1", "3"), group("head", "3", "7")], "got 3.weight in stem and head"),
        ([group("stem", "0", "1", "3"), group("head", "7.weight")], "got 7.bias in none"),
        ([group("a", "0"), group("a", "1")], "2 layer groups are called 'a'"),
        ([group("a", "stem")], "unknown module of layer group 'a': 'stem'"),
        ([group("a", "7.wieght")], "did you mean 7.weight"),
        ([group("a", "", starts=0.1)], "parameters that learn from the start"),
        ([group("a", "0", "1", "3", "7", starts=1.0), group("b", "4")], "parameters that learn from the start"),
    ],
)
def test_what_is_missing_double_or_unknown_is_named(layer_groups, said):
    with pytest.raises(ConvwrightError) as raised:
        check_layer_groups(tiny_net(), layer_groups)
    assert said in str(raised.value)


def test_statistics_that_move_without_parameters_belong_to_a_layer_group_too_and_constants_need_not():
    net = nn.Sequential(nn.BatchNorm2d(3, affine=False), nn.Conv2d(3, 2, 1))
    net.register_buffer("scale", torch.ones(1))
    with pytest.raises(ConvwrightError, match=r"0.running_mean in none"):
        check_layer_groups(net, [group("head", "1")])
    check_layer_groups(net, [group("norm", "0"), group("head", "1")])


def test_a_parameter_beside_modules_is_held_by_its_name():
    net = nn.Sequential(nn.Linear(2, 2))
    net.register_parameter("scale", nn.Parameter(torch.ones(1)))
    with pytest.raises(ConvwrightError, match="scale in none"):
        check_layer_groups(net, [group("head", "0")])
    check_layer_groups(net, [group("stem", "scale"), group("head", "0")])
    assert group("stem", "scale").weights(net) == [net.scale]


def test_a_shared_parameter_is_one():
    net = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2, bias=False))
    net[1].weight = net[0].weight
    with pytest.raises(ConvwrightError, match=r"0.weight in first and second"):
        check_layer_groups(net, [group("first", "0"), group("second", "1")])
    both = group("both", "0", "1")
    check_layer_groups(net, [both])
    assert len(both.weights(net)) == 2


def test_names_end_at_dots():
    numbers = nn.ModuleDict({"stage1": nn.Linear(1, 1), "stage10": nn.Linear(1, 1)})
    assert group("one", "stage1").layers(numbers) == [numbers["stage1"]]
    assert len(group("one", "stage1").weights(numbers)) == 2


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"modules": "stem"}, "layer_groups.a.modules: expected a tuple of dotted paths, got 'stem'"),
        ({"modules": (1,)}, "expected a tuple of dotted paths"),
        ({"lr_factor": 0.0}, "layer_groups.a.lr_factor: expected a number above 0, got 0.0"),
        ({"starts": 1.5}, "layer_groups.a.starts: expected a number at least 0 and at most 1, got 1.5"),
        ({"starts": float("nan")}, "layer_groups.a.starts"),
    ],
)
def test_fields_that_cannot_be_are_named(fields, said):
    with pytest.raises(ConvwrightError) as raised:
        LayerGroup(**({"name": "a", "modules": ("0",)} | fields))
    assert said in str(raised.value)
