"""Knobs that lessons share begin within their bounds, and read what they write."""

import pytest

from convwright.studio.bricks import controls
from convwright.studio.bricks.lesson import Slider

SLIDERS = [each for each in vars(controls).values() if isinstance(each, Slider)]


@pytest.mark.parametrize("slider", SLIDERS, ids=lambda slider: slider.name)
def test_a_slider_begins_within_its_bounds(slider):
    assert slider.low <= slider.default <= slider.high
    for value in (slider.low, slider.default, slider.high):
        assert slider.read(slider.text(value)) == value
    assert slider.help.endswith(".")


def test_there_are_the_knobs_of_a_window():
    assert {slider.name for slider in SLIDERS} == {"kernel_size", "stride", "padding", "dilation", "mix", "p"}
