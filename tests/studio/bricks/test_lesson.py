"""Lessons are found in their folder, and sorted by their order."""

import pytest

from convwright.errors import ConvwrightError
from convwright.studio.bricks.lesson import Slider, lessons


def test_the_page_begins_with_the_window():
    assert next(iter(lessons())) == "window"
    assert {"window", "pools", "halves", "shift"} <= lessons().keys()
    orders = [lesson.order for lesson in lessons().values()]
    assert orders == sorted(orders)


def test_every_lesson_has_a_photograph_last():
    assert {lesson.controls[-1].name for lesson in lessons().values()} == {"picture"}


def test_a_slider_keeps_to_its_bounds():
    slider = Slider(name="p", kind="number", default=3.0, low=1, high=20)
    assert slider.read("20") == 20.0
    with pytest.raises(ConvwrightError, match="p: expected 1 to 20, got 21"):
        slider.read("21")
