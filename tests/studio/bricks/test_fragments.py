"""Lessons as HTML: controls have labels, numbers are those that were measured."""

import re

import pytest

from convwright.studio.bricks import fragments
from convwright.studio.bricks.lesson import lessons
from convwright.studio.bricks.state import read_lesson
from convwright.studio.shared.photographs import Photographs

IMAGE = Photographs().get("rocket")


@pytest.mark.parametrize("lesson", lessons())
def test_every_knob_has_a_control_with_a_label(lesson):
    text = fragments.knobs_form(lessons()[lesson], ["chelsea"])
    controls = re.findall(r'<(?:select|input)[^>]* id="knob-(\w+)" name="(\w+)"', text)
    assert [name for name, _ in controls] == [name for _, name in controls]
    assert {name for name, _ in controls} == {knob.name for knob in lessons()[lesson].controls}
    assert set(re.findall(r'<label for="knob-([^"]+)"', text)) == {name for name, _ in controls}


def test_the_open_lesson_is_marked():
    text = fragments.lessons_bar("pools")
    assert re.findall(r'data-act="lesson (\w+)" aria-current="true"', text) == ["pools"]
    assert re.findall(r'data-act="lesson (\w+)"', text) == list(lessons())


def test_words_of_others_are_escaped():
    text = fragments.stage(read_lesson({}), IMAGE, problem="<b>")
    assert "&lt;b&gt;" in text
    assert "<option>&lt;i&gt;</option>" in fragments.knobs_form(lessons()["window"], ["<i>"])
