"""Formulas come out at what was traced and counted."""

import math

import pytest
from torch import nn

from convwright.analysis.analyze import analyze
from convwright.graph import trace
from convwright.models import build
from convwright.studio.shared.formulas import formulas


def counted(model, shape):
    for facts in analyze(model, shape).ops:
        yield facts, {found.what: found for found in formulas(facts.op)}


def computed(numbers):
    return eval(numbers, {"__builtins__": {}}, {"floor": math.floor, "ceil": math.ceil})


@pytest.mark.parametrize("name", ["resnet18", "resnext29_8x64d", "efficientnet_b0", "vgg11", "densenet_bc_100_12"])
def test_of_published_networks(name):
    size = build(name, device="meta").config.input_size + 1
    explained = 0
    for facts, found in counted(build(name, device="meta").eval(), (2, 3, size, size)):
        for one in found.values():
            assert computed(one.numbers) == one.value
        if facts.op.kind in ("conv2d", "linear"):
            assert found["parameters"].value == facts.parameters
            assert found["MACs"].value == facts.macs
            explained += 1
        if facts.op.kind in ("conv2d", "max_pool2d", "avg_pool2d") and facts.op.output.ndim == 4:
            assert facts.op.output.shape[2:] == (found["height and width"].value,) * 2
    assert explained > 5


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (nn.Conv2d(6, 4, (3, 5), stride=(2, 1), padding=(1, 0), dilation=(2, 1), groups=2), (1, 6, 20, 33)),
        (nn.Conv1d(3, 8, 5, padding=2), (1, 3, 40)),
        (nn.Conv3d(3, 8, 3, stride=2), (1, 3, 9, 10, 11)),
        (nn.AvgPool2d(3, stride=2, ceil_mode=True), (1, 3, 10, 11)),
        (nn.Linear(5, 7, bias=False), (3, 4, 5)),
    ],
)
def test_of_unusual_layers(layer, shape):
    ((facts, found),) = counted(layer, shape)
    sizes = {axis: one.value for one in found.values() for axis in one.what.split(" and ")}
    axes = ("depth", "height", "width") if facts.op.kind != "conv1d" else ("length",)
    assert (
        tuple(sizes[axis] for axis in axes if axis in sizes) == facts.op.output.shape[2:] or facts.op.kind == "linear"
    )
    assert [computed(one.numbers) for one in found.values()] == [one.value for one in found.values()]
    if "MACs" in found:
        assert (found["parameters"].value, found["MACs"].value) == (facts.parameters, facts.macs)


def test_where_a_size_follows_another_rule_none_is_claimed():
    same = trace(nn.Conv2d(3, 8, 4, padding="same"), (1, 3, 9, 9)).ops[-1]
    assert {found.what for found in formulas(same)} >= {"parameters", "MACs"}
    assert all(computed(found.numbers) == found.value for found in formulas(same))
    cut = trace(nn.MaxPool2d(2, stride=3, padding=1, ceil_mode=True), (1, 3, 4, 4)).ops[0]
    assert all(computed(found.numbers) == found.value == cut.output.shape[2] for found in formulas(cut))
    assert formulas(trace(nn.ReLU(), (1, 3, 9, 9)).ops[0]) == []
