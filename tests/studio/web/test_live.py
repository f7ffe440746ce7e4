"""A page that is brought up to date while it changes."""

import asyncio
import json
import re
from types import SimpleNamespace

import pytest
from markupsafe import Markup

from convwright.studio.web.live import LivePage
from convwright.studio.web.screen import Download, PageState


class Screen:
    """Says what was set, and then again, step by step."""

    def __init__(self, num_steps=1):
        self.said, self.num_steps, self.is_step = "0", num_steps, True
        self.drawn = []

    @property
    def state(self):
        return PageState(title="t", address=f"?said={self.said}", values={}, is_step=self.is_step)

    def open(self, query):
        self.said = query["said"]

    def set(self, name, text):
        assert name == "said"
        self.said = text

    def act(self, words):
        return Download(name="file", text=words) if words == "export" else self.set("said", words)

    def draw(self):
        for number in range(self.num_steps):
            self.drawn.append((self.said, number))
            yield {"said": Markup(f"{self.said}.{number}"), "title": Markup("same")}


@pytest.fixture
def page():
    return made()


def made(num_steps=1):
    live, scripts = LivePage(Screen(num_steps)), []
    live._client = SimpleNamespace(run_javascript=scripts.append, is_deleted=False)
    live._parts = {"said": Markup("0.0"), "title": Markup("same")}
    return live, live._screen, scripts


def sent(script):
    """What the script does with the address, the parts, and the address."""
    how, parts, address = re.fullmatch(
        r'studio\.show\("(\w+)", (\{.*?\}), .*?"address": "([^"]*)".*\)', script
    ).groups()
    return how, json.loads(parts), address


def test_what_is_the_same_is_not_sent_again(page):
    live, screen, scripts = page
    asyncio.run(live._change("change", screen.set, "said", "1"))
    assert [sent(each) for each in scripts] == [("go", {"said": "1.0"}, "?said=1")]


def test_of_changes_that_come_meanwhile_the_last_counts(page):
    live, screen, scripts = page

    async def quick():
        await asyncio.gather(*(live._change("change", screen.set, "said", text) for text in "123"))

    asyncio.run(quick())
    assert [sent(each) for each in scripts] == [("go", {"said": "3.0"}, "?said=3")]
    assert screen.drawn == [("3", 0)]


def test_each_step_is_sent_when_it_is_done_and_only_the_first_is_a_change():
    live, screen, scripts = made(3)
    asyncio.run(live._change("change", screen.set, "said", "1"))
    assert [sent(each)[0] for each in scripts] == ["go", "fill", "fill"]
    assert [sent(each)[1]["said"] for each in scripts] == ["1.0", "1.1", "1.2"]


def test_a_change_ends_a_drawing_between_two_steps():
    live, screen, scripts = made(1000)

    async def interrupted():
        first = asyncio.create_task(live._change("change", screen.set, "said", "1"))
        while len(scripts) < 3:
            await asyncio.sleep(0.001)
        screen.num_steps = 2
        await live._change("change", screen.set, "said", "2")
        await first

    asyncio.run(interrupted())
    assert [sent(each)[1]["said"] for each in scripts[-2:]] == ["2.0", "2.1"]
    assert len(screen.drawn) < 1000
    assert sent(scripts[-2])[0] == "go"


@pytest.mark.parametrize(
    ("how", "is_step", "script"),
    [("change", True, "go"), ("change", False, "replace"), ("drag", True, "fill"), ("moved", True, "stay")],
)
def test_the_script_is_told_what_to_do_with_the_address(page, how, is_step, script):
    live, screen, scripts = page
    screen.is_step = is_step
    asyncio.run(live._change(how, screen.set, "said", "7"))
    assert [sent(each)[0] for each in scripts] == [script]


def test_a_tick_sends_only_what_is_new(page):
    live, screen, scripts = page
    asyncio.run(live._change("change", screen.set, "said", "1"))
    asyncio.run(live._tick())
    assert len(scripts) == 1
    screen.said = "2"  # as the world goes on
    asyncio.run(live._tick())
    assert sent(scripts[1]) == ("fill", {"said": "2.0"}, "?said=2")


def test_a_tick_does_not_come_between_a_change_and_its_drawing(page):
    live, screen, scripts = page

    async def both():
        await asyncio.gather(live._change("change", screen.set, "said", "1"), live._tick())

    asyncio.run(both())
    assert [sent(each)[0] for each in scripts] == ["go"]


def test_an_address_that_the_browser_moved_to_is_opened(page):
    live, _, scripts = page
    asyncio.run(live._moved(SimpleNamespace(args={"said": "7"})))
    assert sent(scripts[0]) == ("stay", {"said": "7.0"}, "?said=7")


def test_a_file_is_downloaded(page, monkeypatch):
    live, screen, _ = page
    files = []
    monkeypatch.setattr("nicegui.ui.download.content", lambda *file: files.append(file))
    asyncio.run(live._change("change", screen.act, "export"))
    assert files == [("export", "file")]


def test_nothing_is_drawn_for_a_tab_that_was_closed():
    live, screen, scripts = made(5)
    live._client.is_deleted = True
    asyncio.run(live._change("change", screen.set, "said", "1"))
    assert (scripts, screen.drawn) == ([], [])
