"""The photograph, the boxes over it, and the table beside it."""

import html
import json
import re

import pytest

from convwright.studio.field import fragments
from convwright.studio.field.steps import steps_of
from convwright.studio.shared.photographs import Photographs
from convwright.studio.shared.workbench import Workbench

IMAGE = Photographs().get("coffee")


def parts_of(model, **texts):
    bench = Workbench()
    view = bench.view(bench.design({"model": model, **texts}))
    steps = steps_of(view.analysis)
    return steps, fragments.field_parts(view, steps, IMAGE)


@pytest.mark.parametrize("model", ["resnet50", "vgg16"])
def test_boxes_are_the_fields_and_all_three_drawings_have_one_frame(model):
    steps, parts = parts_of(model)
    data = json.loads(html.unescape(re.search(r'data-steps="([^"]*)"', parts["boxes"])[1]))
    assert [one["key"] for one in data] == [step.key for step in steps]
    for one, step in zip(data, steps, strict=True):
        assert one["box"]["width"] == one["box"]["height"] == int(step.field_px)
        assert (one["box"]["y"], one["box"]["x"]) == step.field.first
        assert one["words"].startswith(step.field.label)
        assert ("already sees" in one["words"]) is step.is_unproductive
    frames = {re.search(r'viewBox="([^"]*)"', parts[name])[1] for name in ("photo", "boxes")}
    assert len(frames) == 1
    left, _, width, _ = map(float, frames.pop().split())
    assert width == 224 - 2 * left
    assert 0 < -left <= 0.4 * 224


def test_layers_that_see_no_further_are_marked_and_counted():
    steps, parts = parts_of("resnet50")
    late = [step for step in steps if step.is_unproductive]
    assert parts["layers"].count("sees all</span>") == parts["layers"].count('class="late"') == len(late) == 4
    assert "4 of 18 windows look at a map that already sees all 224x224 px: 11.3 % of the MACs." in parts["layers"]
    assert "CW203: already sees all" in parts["layers"]
    assert "Every window still widens the field, up to 212 px" in parts_of("vgg16")[1]["layers"]


def test_the_table_names_every_step_in_order():
    steps, parts = parts_of("resnet20", stem="imagenet")
    names = re.findall(r'data-layer="(\d+)">(.*?)</button>', parts["layers"])
    assert [int(number) for number, _ in names] == list(range(len(steps)))
    assert [name.replace("<wbr>", "") for _, name in names] == [step.key for step in steps]


def test_words_of_others_are_escaped():
    texts = fragments.title_part("<i>", "<b>"), fragments.models_part({"<b>": ["<i>"]})
    for text in texts:
        assert "&lt;b&gt;" in text
        assert "&lt;i&gt;" in text
    text = fragments.design_part('?model="><b>', {"<b>": "<i>"})
    assert "<b>" not in text
    assert "<i>" not in text
    assert "alert" not in fragments.title_part("resnet20", "")
