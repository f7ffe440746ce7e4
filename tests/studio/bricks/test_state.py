"""A trial is its address."""

from urllib.parse import parse_qsl

import pytest

from convwright.errors import ConvwrightError
from convwright.studio.bricks.state import LESSONS, Slider, read_trial


def again(trial):
    return read_trial(dict(parse_qsl(trial.address()[1:])))


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_knob_survives_the_address(lesson):
    first = read_trial({"lesson": lesson})
    assert first.address() == f"?lesson={lesson}"
    assert again(first) == first
    for knob in LESSONS[lesson].knobs:
        texts = [knob.text(knob.high)] if isinstance(knob, Slider) else knob.choices or ["yours-0"]
        turned = read_trial(first.texts() | {knob.name: texts[-1]})
        assert turned.changed() == (knob.name,)
        assert again(turned) == turned
        assert turned[knob.name] == knob.read(texts[-1])


def test_without_an_address_it_is_the_first_lesson():
    assert read_trial({}).lesson == "window"


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
def test_what_is_no_trial_is_said(texts, words):
    with pytest.raises(ConvwrightError, match=words.replace("(", r"\(")):
        read_trial(texts)


def test_defaults_are_within_their_bounds():
    for lesson in LESSONS.values():
        for knob in lesson.knobs:
            if isinstance(knob, Slider):
                assert knob.low <= knob.default <= knob.high
                assert knob.read(knob.text(knob.low)) == knob.low
