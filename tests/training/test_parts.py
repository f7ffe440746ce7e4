"""Parts of a network: what they hold, and that together they hold everything once."""

import pytest
import torch
from torch import nn

from convwright.errors import ConvwrightError
from convwright.training.parts import WHOLE, Part, check_parts
from reference.tiny_training import tiny_net, tiny_parts


def part(name, *modules, **fields):
    return Part(name=name, modules=modules, **fields)


@pytest.mark.parametrize("parts", [(), tiny_parts(), (WHOLE,), (part("a", "0", "1", "3"), part("b", "7"))])
def test_parts_that_hold_everything_once_are_right(parts):
    check_parts(tiny_net(), parts)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([part("stem", "0", "1"), part("head", "7")], "got 3.weight in none"),
        ([part("all", ""), part("head", "7")], "got 7.weight in all and head"),
        ([part("stem", "0", "1", "3"), part("head", "3", "7")], "got 3.weight in stem and head"),
        ([part("stem", "0", "1", "3"), part("head", "7.weight")], "got 7.bias in none"),
        ([part("a", "0"), part("a", "1")], "2 parts are called 'a'"),
        ([part("a", "stem")], "unknown module of part 'a': 'stem'"),
        ([part("a", "7.wieght")], "did you mean 7.weight"),
        ([part("a", "", starts=0.1)], "parameters that learn from the start"),
        ([part("a", "0", "1", "3", "7", starts=1.0), part("b", "4")], "parameters that learn from the start"),
    ],
)
def test_what_is_missing_double_or_unknown_is_named(parts, said):
    with pytest.raises(ConvwrightError) as raised:
        check_parts(tiny_net(), parts)
    assert said in str(raised.value)


def test_statistics_that_move_without_parameters_belong_to_a_part_too_and_constants_need_not():
    net = nn.Sequential(nn.BatchNorm2d(3, affine=False), nn.Conv2d(3, 2, 1))
    net.register_buffer("scale", torch.ones(1))
    with pytest.raises(ConvwrightError, match=r"0.running_mean in none"):
        check_parts(net, [part("head", "1")])
    check_parts(net, [part("norm", "0"), part("head", "1")])


def test_a_parameter_beside_modules_is_held_by_its_name():
    net = nn.Sequential(nn.Linear(2, 2))
    net.register_parameter("scale", nn.Parameter(torch.ones(1)))
    with pytest.raises(ConvwrightError, match="scale in none"):
        check_parts(net, [part("head", "0")])
    check_parts(net, [part("stem", "scale"), part("head", "0")])
    assert part("stem", "scale").weights(net) == [net.scale]


def test_a_shared_parameter_is_one():
    net = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2, bias=False))
    net[1].weight = net[0].weight
    with pytest.raises(ConvwrightError, match=r"0.weight in first and second"):
        check_parts(net, [part("first", "0"), part("second", "1")])
    both = part("both", "0", "1")
    check_parts(net, [both])
    assert len(both.weights(net)) == 2


def test_names_end_at_dots():
    numbers = nn.ModuleDict({"stage1": nn.Linear(1, 1), "stage10": nn.Linear(1, 1)})
    assert part("one", "stage1").layers(numbers) == [numbers["stage1"]]
    assert len(part("one", "stage1").weights(numbers)) == 2


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"modules": "stem"}, "parts.a.modules: expected a tuple of dotted paths, got 'stem'"),
        ({"modules": (1,)}, "expected a tuple of dotted paths"),
        ({"lr_factor": 0.0}, "parts.a.lr_factor: expected a number above 0, got 0.0"),
        ({"starts": 1.5}, "parts.a.starts: expected a number at least 0 and at most 1, got 1.5"),
        ({"starts": float("nan")}, "parts.a.starts"),
    ],
)
def test_fields_that_cannot_be_are_named(fields, said):
    with pytest.raises(ConvwrightError) as raised:
        Part(**({"name": "a", "modules": ("0",)} | fields))
    assert said in str(raised.value)
