"""What a turn of a knob makes of the page of bricks."""

from urllib.parse import parse_qsl

import pytest

from convwright.data import sample_images
from convwright.studio.bricks.lesson import lessons
from convwright.studio.bricks.screen import BricksScreen
from convwright.studio.bricks.state import read_lesson
from convwright.studio.shared.photographs import Photographs
from reference.html import Page
from reference.screens import drawn


@pytest.fixture
def screen():
    return BricksScreen(Photographs())


@pytest.mark.parametrize("lesson", lessons())
def test_every_lesson_is_shown(screen, lesson):
    screen.act(f"lesson {lesson}")
    shown, parts = screen.state, drawn(screen)
    assert shown.title == lessons()[lesson].title
    assert shown.address == f"?lesson={lesson}"
    for text in parts.values():
        page = Page(text)
        assert page.unclosed == []
        assert page.fetched == []
    assert 'role="alert"' not in parts["stage"]


def test_a_turn_is_in_the_address_and_a_page_opens_it(screen):
    screen.set("kernel_size", "5")
    screen.set("picture", "coffee")
    shown = screen.state
    assert shown.address == "?lesson=window&kernel_size=5&picture=coffee"
    assert shown.changed == ("kernel_size", "picture")
    other = BricksScreen(Photographs())
    other.open(dict(parse_qsl(shown.address[1:])))
    assert other.lesson_state == screen.lesson_state


def test_another_lesson_keeps_the_photograph_and_the_filter(screen):
    screen.open({"filter": "outline", "picture": "rocket", "stride": "4"})
    screen.act("lesson shift")
    assert screen.lesson_state == read_lesson({"lesson": "shift", "filter": "outline", "picture": "rocket"})
    screen.act("lesson pools")
    assert screen.lesson_state == read_lesson({"lesson": "pools", "picture": "rocket"})


def test_what_cannot_be_read_leaves_the_state_and_says_so(screen):
    screen.set("stride", "2")
    state = screen.lesson_state
    for wrong in (
        lambda: screen.set("stride", "0"),
        lambda: screen.act("lesson <script>"),
        lambda: screen.set("picture", "/etc/passwd"),
        lambda: screen.open({"picture": "yours-1"}),
    ):
        wrong()
        assert screen.lesson_state == state
        assert 'role="alert"' in drawn(screen)["stage"]
        assert "<script>" not in drawn(screen)["stage"]
        assert "data-walk" in drawn(screen)["stage"]
    screen.set("stride", "1")
    assert 'role="alert"' not in drawn(screen)["stage"]


def test_what_cannot_be_built_is_a_sentence(screen):
    screen.open({"kernel_size": "9", "dilation": "4"})
    stage = drawn(screen)["stage"]
    assert "the window is larger than its map: expected at least 33 px" in stage
    assert "data-walk" not in stage
    assert "128x208 after it" in stage  # the photograph is large enough
    assert stage.count('role="alert"') == 1
    screen.open({"brick": "max", "padding": "4"})
    assert "pad should be at most half" in drawn(screen)["stage"]
    screen.open({"brick": "lp", "padding": "4"})
    assert "padding of at most half the kernel" in drawn(screen)["stage"]


def test_knobs_that_change_nothing_are_idle(screen):
    assert screen.state.idle == ("mix", "p")
    screen.set("brick", "lp")
    assert screen.state.idle == ("filter", "dilation", "mix")
    screen.act("lesson shift")
    assert screen.state.idle == ()


def test_a_photograph_that_was_sent_can_be_chosen():
    photographs = Photographs()
    screen = BricksScreen(photographs)
    name = photographs.add(sample_images()["rocket"].read_bytes())
    screen.set("picture", name)
    assert screen.problem == ""
    assert f"<option>{name}</option>" in drawn(screen)["knobs"]
    photographs._sent.clear()  # others have sent more
    assert "data-walk" in drawn(screen)["stage"]
