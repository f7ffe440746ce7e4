"""Steps are the windows of a network, with the fields that the analyzer finds."""

import pytest
from torch import nn

from convwright.analysis.analyze import analyze
from convwright.errors import ConvwrightError
from convwright.linter import lint
from convwright.models import build
from convwright.studio.field.steps import share_of_macs, steps_of


def looked_at(model, shape=(1, 3, 32, 32)):
    return analyze(model.eval(), shape, label="net")


def test_they_grow_as_the_paper_s_recursion_says():
    model = nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 8, 1), nn.Conv2d(8, 8, 3, dilation=2)
    )
    steps = steps_of(looked_at(model))
    assert [step.key for step in steps] == ["image", "0", "2", "4"]
    assert [step.field_px for step in steps] == ["1", "3", "4", "12"]
    assert [step.jump_px for step in steps] == ["1", "1", "2", "2"]
    assert [step.kind for step in steps[1:]] == ["conv2d 3x3", "max_pool2d 2x2, stride 2", "conv2d 3x3, dilation 2"]
    for step in steps:
        sides = [last - first + 1 for first, last in zip(step.field.first, step.field.last, strict=True)]
        assert sides == [int(step.field_px)] * 2
        assert step.share == int(step.field_px) / 32


@pytest.mark.parametrize("name", ["resnet50", "efficientnet_b0", "vgg16", "densenet121", "resnet20"])
def test_of_published_networks(name):
    model = build(name, device="meta")
    side = model.config.input_size
    analysis = looked_at(model, (1, 3, side, side))
    steps = steps_of(analysis)
    assert len({step.key for step in steps}) == len(steps)
    assert int(steps[-1].field_px) == analysis.totals.receptive_field_px[0]
    late = [step for step in steps if step.is_unproductive]
    assert {step.key for step in late} == {op.path for op in analysis.fields.unproductive}
    before = [int(step.field_px) for step in steps]
    assert all(before[steps.index(step) - 1] >= side for step in late)
    share = share_of_macs(analysis, steps)
    (found,) = [f.first for f in lint(model, (1, 3, side, side)).groups if f.first.code == "CW203"] or [None]
    assert found is None or f"{100 * share:.1f} %" in found.message


def test_a_window_without_a_module_is_known_but_has_none():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 8, 3)

        def forward(self, x):
            x = nn.functional.max_pool2d(self.conv(x), 2)
            return nn.functional.avg_pool2d(self.conv(x[:, :3]), 2)

    steps = steps_of(looked_at(Net()))
    assert [(step.key, step.module) for step in steps[1:]] == [
        ("conv", ""),
        ("max_pool2d", ""),
        ("conv@2", "conv"),
        ("avg_pool2d", ""),
    ]


@pytest.mark.parametrize(("model", "shape"), [(nn.Conv1d(3, 8, 3), (1, 3, 32)), (nn.Linear(3, 8), (1, 3))])
def test_what_is_no_image_is_said(model, shape):
    with pytest.raises(ConvwrightError, match="the input of net: expected images of two axes, got "):
        steps_of(looked_at(model, shape))
