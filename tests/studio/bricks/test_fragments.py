"""Lessons as HTML: controls have labels, numbers are those that were measured."""

import re

import pytest

from convwright import units
from convwright.layers import poolings
from convwright.studio.bricks import fragments
from convwright.studio.bricks.lessons import costs_of_halving, shifted
from convwright.studio.bricks.pixels import tensor_of
from convwright.studio.bricks.state import LESSONS, read_trial
from convwright.studio.shared.photographs import Photographs

IMAGE = Photographs().get("rocket")


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_knob_has_a_control_with_a_label(lesson):
    text = fragments.knobs_form(lesson, ["chelsea"])
    controls = re.findall(r'<(?:select|input)[^>]* id="knob-(\w+)" name="(\w+)"', text)
    assert [name for name, _ in controls] == [name for _, name in controls]
    assert {name for name, _ in controls} == {knob.name for knob in LESSONS[lesson].knobs}
    assert set(re.findall(r'<label for="knob-([^"]+)"', text)) == {name for name, _ in controls}


def test_the_open_lesson_is_marked():
    text = fragments.lessons_bar("pools")
    assert re.findall(r'data-lesson="(\w+)" aria-current="true"', text) == ["pools"]
    assert re.findall(r'data-lesson="(\w+)"', text) == list(LESSONS)


def test_poolings_come_with_their_words_and_the_brightest_first():
    text = fragments.stage(read_trial({"lesson": "pools"}), IMAGE)
    means = [float(value) for value in re.findall(r"<dt>mean</dt><dd>([\d.]+)", text)][1:-1]
    assert means == sorted(means, reverse=True)
    for name, brick in poolings().items():
        assert f"<h2>{name.replace('_', ' ')} " in text
        assert brick.downside in text


def test_costs_are_those_of_the_layers():
    text = fragments.stage(read_trial({"lesson": "halves"}), IMAGE)
    for cost in costs_of_halving().values():
        assert f"<dd>{cost.parameters:,}</dd>" in text
        assert f"<dd>{units.count(cost.macs)}</dd>" in text


def test_a_shift_is_said_in_percent():
    text = fragments.stage(read_trial({"lesson": "shift", "shift": "3"}), IMAGE)
    found = shifted(tensor_of(IMAGE), "vertical edges", shift=3, kernel_size=3, stride=2, mix=0.5, p=3.0)
    for one in found:
        assert f">{units.percent(one.change)}</td>" in text
        assert f">{units.percent(one.left)}</td>" in text
    assert "moved by 3 px" in text
    assert fragments.stage(read_trial({"lesson": "shift", "shift": "0"}), IMAGE).count("0.0 %") == 2 * len(found)


def test_words_of_others_are_escaped():
    text = fragments.stage(read_trial({}), IMAGE, problem="<b>")
    assert "&lt;b&gt;" in text
    assert "<option>&lt;i&gt;</option>" in fragments.knobs_form("window", ["<i>"])
