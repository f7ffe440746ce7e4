"""What every lesson of the studio must do, whoever adds it; nothing here names a lesson."""

import re
from contextlib import suppress

import pytest

from convwright.errors import ConvwrightError
from convwright.studio.bricks.fragments import stage
from convwright.studio.bricks.lesson import Slider, lessons
from convwright.studio.bricks.state import LessonState, read_lesson
from convwright.studio.shared.photographs import Photographs
from reference.html import Page

LESSONS = lessons()
IMAGES = {name: Photographs().get(name) for name in ("chelsea", "rocket")}
every_lesson = pytest.mark.parametrize("name", LESSONS)


def begin(name, **values):
    state = read_lesson({"lesson": name})
    return LessonState(name=name, values={**state.values, **values})


def measured(state, picture="chelsea"):
    return state.lesson.measure(state.values, IMAGES[picture])


def moved(name, knob, values):
    """The lesson with the knob at each other value that it can take with the values of the others."""
    for each in others(knob):
        with suppress(ConvwrightError):
            yield measured(LessonState(name=name, values={**values, knob.name: each}))


def others(knob):
    """Values that a person could set instead."""
    if isinstance(knob, Slider):
        values = [knob.default + knob.step, knob.low, knob.high]
        return [type(knob.default)(value) for value in values if value != knob.default and value <= knob.high]
    return {"choice": [each for each in knob.choices if each != knob.default], "switch": [not knob.default]}[knob.kind]


@every_lesson
def test_its_words_are_filled(name):
    lesson = LESSONS[name]
    assert re.fullmatch(r"[A-Z][^.]*", lesson.title)
    assert re.fullmatch(r"[A-Z].*\.", lesson.introduction, re.DOTALL)
    assert len({knob.name for knob in lesson.controls}) == len(lesson.controls)
    assert all(knob.help.endswith(".") for knob in lesson.knobs)
    assert [each.title for each in LESSONS.values()].count(lesson.title) == 1


@every_lesson
def test_it_renders_and_fetches_nothing(name):
    page = Page(stage(begin(name), IMAGES["chelsea"]))
    assert page.unclosed == []
    assert page.fetched == []
    assert 'role="alert"' not in stage(begin(name), IMAGES["chelsea"])


@every_lesson
def test_its_knobs_begin_within_their_bounds(name):
    for knob in LESSONS[name].knobs:
        assert knob.read(knob.text(knob.default)) == knob.default


@every_lesson
def test_its_knobs_move_a_number(name):
    lesson = LESSONS[name]
    beginnings = [begin(name)]
    beginnings += [begin(name, **{knob.name: value}) for knob in lesson.knobs if knob.choices for value in others(knob)]
    for knob in lesson.knobs:
        state = next(each for each in beginnings if knob.name not in lesson.idle(each.values))
        before = measured(state).numbers
        found = moved(name, knob, state.values)
        assert any(each.numbers != before for each in found), f"{knob.name} changes nothing"


@every_lesson
def test_a_knob_that_is_idle_moves_nothing(name):
    state = begin(name)
    for knob in LESSONS[name].knobs:
        if knob.name in LESSONS[name].idle(state.values):
            assert next(moved(name, knob, state.values)).numbers == measured(state).numbers


@every_lesson
def test_its_claim_is_computed(name):
    claims = {measured(begin(name), picture).claim for picture in IMAGES}
    claims |= {next(moved(name, knob, begin(name).values)).claim for knob in LESSONS[name].knobs}
    assert all(re.search(r"\d", claim) and claim.endswith(".") for claim in claims)
    assert len(claims) > 1, "the claim says the same whatever was measured"
    assert measured(begin(name)).claim == measured(begin(name)).claim
