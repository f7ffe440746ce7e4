"""A page that is brought up to date while it changes."""

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace

from convwright.studio.web.live import LivePage


@dataclass
class Part:
    content: str = ""
    set: list = field(default_factory=list)

    def set_content(self, content):
        self.content = content
        self.set.append(content)


class Screen:
    def __init__(self):
        self.said = "0"

    def open(self, query):
        self.said = query["said"]

    def turn(self, name, text):
        assert name == "said"
        self.said = text

    def shown(self):
        return SimpleNamespace(parts={"said": self.said, "title": "same"}, state={"said": self.said})


def page():
    made, scripts = LivePage(Screen()), []
    made._parts = {"said": Part("0"), "title": Part("same")}
    made._client = SimpleNamespace(run_javascript=scripts.append)
    return made, scripts


def test_what_is_the_same_is_left_alone():
    live, scripts = page()
    asyncio.run(live._turn(SimpleNamespace(args=["said", "1"])))
    assert (live._parts["said"].set, live._parts["title"].set) == (["1"], [])
    assert scripts == ['studio.go({"said": "1"})']


def test_of_turns_that_come_meanwhile_the_last_counts():
    live, scripts = page()

    async def quick():
        await asyncio.gather(*(live._turn(SimpleNamespace(args=["said", text])) for text in "123"))

    asyncio.run(quick())
    assert live._parts["said"].set == ["3"]
    assert scripts == ['studio.go({"said": "3"})']


def test_an_address_that_the_browser_moved_to_is_no_new_step():
    live, scripts = page()
    asyncio.run(live._moved(SimpleNamespace(args={"said": "7"})))
    assert scripts == ['studio.stay({"said": "7"})']
