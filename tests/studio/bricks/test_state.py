"""A lesson with its knobs is its address."""

from urllib.parse import parse_qsl

import pytest

from convwright.errors import ConvwrightError
from convwright.studio.bricks.lesson import Slider, lessons
from convwright.studio.bricks.state import read_lesson


def again(state):
    return read_lesson(dict(parse_qsl(state.address()[1:])))


@pytest.mark.parametrize("lesson", lessons())
def test_every_knob_survives_the_address(lesson):
    first = read_lesson({"lesson": lesson})
    assert first.address() == f"?lesson={lesson}"
    assert again(first) == first
    for knob in lessons()[lesson].controls:
        texts = [knob.text(knob.high)] if isinstance(knob, Slider) else knob.choices or ["yours-0"]
        turned = read_lesson(first.texts() | {knob.name: texts[-1]})
        assert turned.changed() == (knob.name,)
        assert again(turned) == turned
        assert turned.values[knob.name] == knob.read(texts[-1])


def test_without_an_address_it_is_the_first_lesson():
    assert read_lesson({}).name == "window"


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ({"lesson": "attention"}, "unknown lesson"),
        ({"kernel": "3"}, "did you mean kernel_size"),
        ({"kernel_size": "0"}, "kernel size: expected 1 to 9, got 0"),
        ({"kernel_size": "3.5"}, "kernel_size: expected a whole number"),
        ({"p": "1e9"}, "p: expected 1 to 20, got 1e9"),
        ({"p": "nan"}, "p"),
        ({"brick": "<b>"}, "unknown brick"),
        ({"lesson": "pools", "dilation": "2"}, "unknown knob of the lesson pools 'dilation'"),
    ],
)
def test_what_is_no_lesson_is_said(texts, words):
    with pytest.raises(ConvwrightError, match=words.replace("(", r"\(")):
        read_lesson(texts)
