"""The chapter's lessons on convolution and pooling, to touch."""

import json
from collections.abc import Mapping

from nicegui import events, ui

from ..bricks.screen import BricksScreen, Shown
from ..photographs import Photographs
from .frame import frame
from .worker import in_worker

_CHANGED = "(event) => emit(...studio.control(event.target))"
_DRAGGED = "(event) => event.target.type === 'range' && emit(...studio.control(event.target))"


class BricksPage:
    """One browser tab.

    Parameters
    ----------
    photographs : Photographs
        What can be looked at.
    """

    def __init__(self, photographs: Photographs) -> None:
        self.screen = BricksScreen(photographs)
        self._parts: dict[str, ui.html] = {}
        self._is_busy = self._is_stale = False
        self._how = ""

    def opened(self, query: Mapping[str, str]) -> Shown:
        """What there is to see at an address."""
        self.screen.open(query)
        return self.screen.shown()

    def build(self, shown: Shown) -> None:
        """Fill the page."""
        frame("/bricks")
        self._client = ui.context.client
        with ui.element("div").props("id=main").classes("bricks"):
            with ui.element("aside").props('aria-label="What is tried"'):
                knobs = self._part("knobs", shown)
                knobs.on("change", self._turn, js_handler=_CHANGED)
                knobs.on("input", self._drag, js_handler=_DRAGGED)
            self._part("lessons", shown).on(
                "click", self._learn, js_handler="(event) => studio.chosen(event, 'lesson', emit)"
            )
            self._part("stage", shown).classes("stage")
        ui.on("studio-moved", self._moved)
        ui.run_javascript(f"studio.begin({_state(shown)})")

    def _part(self, name: str, shown: Shown) -> ui.html:
        # Made by templates that escape whatever is put into them.
        self._parts[name] = ui.html(shown.parts[name], sanitize=False)
        return self._parts[name]

    async def _turn(self, event: events.GenericEventArguments) -> None:
        self.screen.turn(str(event.args[0]), str(event.args[1]))
        await self._show("go")

    async def _drag(self, event: events.GenericEventArguments) -> None:
        self.screen.turn(str(event.args[0]), str(event.args[1]))
        await self._show("drag")

    async def _learn(self, event: events.GenericEventArguments) -> None:
        self.screen.turn("lesson", str(event.args))
        await self._show("go")

    async def _moved(self, event: events.GenericEventArguments) -> None:
        self.screen.open({str(key): str(value) for key, value in dict(event.args).items()})
        await self._show("stay")

    async def _show(self, how: str) -> None:
        """Bring the page up to date; of turns that come while it is computed, the last one counts."""
        self._is_stale, self._how = True, how
        if self._is_busy:
            return
        self._is_busy = True
        try:
            while self._is_stale:
                self._is_stale, how = False, self._how
                shown = await in_worker(self.screen.shown)
                if self._is_stale:
                    continue
                for name, content in shown.parts.items():
                    if self._parts[name].content != content:  # what has the focus in it keeps it
                        self._parts[name].set_content(content)
                self._client.run_javascript(f"studio.{how}({_state(shown)})")
        finally:
            self._is_busy = False


def _state(shown: Shown) -> str:
    """What the script of the page needs, as JavaScript."""
    return json.dumps(
        {
            "title": shown.title,
            "address": shown.address,
            "values": dict(shown.values),
            "changed": shown.changed,
            "idle": shown.idle,
        }
    )
