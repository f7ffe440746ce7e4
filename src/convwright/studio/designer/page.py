"""The designer: a model, its knobs, and what is known of the network."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nicegui import background_tasks, events, ui

from ...errors import ConvwrightError
from ..shared.photographs import Photographs
from ..shared.workbench import Workbench
from ..web.frame import frame
from ..web.worker import in_worker
from .exports import export
from .file_edits import FileEdits
from .screen import Screen, Shown

_SLICE_SECONDS = 0.25  # that the one worker tries turns before it sees to others
# What is looked at next, by what a button did.
_SEEN_NEXT = {
    "mend ": "document.getElementById('mending-title')?.focus()",
    "pin": "document.querySelector('.beside')?.scrollIntoView({block: 'nearest'})",
    "explain ": "document.querySelector('.explained')?.scrollIntoView({block: 'nearest'})",
}
# Of a control that changed: its name, and what it says.
_CONTROL = "(event) => emit(...studio.control(event.target))"


class DesignerPage:
    """One browser tab.

    Parameters
    ----------
    bench : Workbench
        What may be opened.
    edits : FileEdits
        What was done to the file that was named.
    photographs : Photographs
        That fields are drawn on.
    """

    def __init__(self, bench: Workbench, edits: FileEdits, photographs: Photographs) -> None:
        self.screen = Screen(bench, edits, photographs)
        self._parts: dict[str, ui.html] = {}
        self._is_busy = self._is_stale = self._is_searching = False
        self._way = "go"

    def opened(self, query: Mapping[str, str]) -> tuple[Shown, Mapping[str, str]]:
        """Open the design of an address: what there is to see, and the parts of it that the linter has a say in."""
        self.screen.open(query)
        shown = self.screen.shown()
        return shown, self.screen.judged(shown.view)

    def build(self, shown: Shown, more: Mapping[str, str]) -> None:
        """Fill the page."""
        frame("/", Path(__file__).parent)
        parts = {**shown.parts, **more}
        self._client = ui.context.client
        main = ui.element("div").props("id=main").classes("designer")
        main.on("click", self._act, js_handler="(event) => studio.chosen(event, 'act', emit)")
        with main:
            ui.html("Designer", sanitize=False, tag="h1").classes("unseen")
            with ui.element("aside").props('aria-label="The design"'):
                self._part("models", parts).on("change", self._choose, js_handler=_CONTROL)
                self._part("knobs", parts).on("change", self._turn, js_handler=_CONTROL)
            self._part("facts", parts).classes("facts")
            with ui.element("section").props('aria-label="Fix"').classes("mending"):
                self._part("mending", parts)
                self._part("searching", parts)
            with ui.element("section").props('aria-label="Side by side"').classes("beside"):
                self._part("beside", parts)
            with ui.element("section").props('aria-label="Findings"').classes("findings"):
                ui.html("Findings", sanitize=False, tag="h2")
                self._part("findings", parts)
            with ui.element("section").props('aria-label="Layers"').classes("tables"):
                ui.html("Layers", sanitize=False, tag="h2")
                self._part("layers", parts)
                with ui.element("div").classes("explained"):
                    self._part("seen", parts).props("aria-live=polite")
                    self._part("photograph", parts).on("change", self._see, js_handler=_CONTROL)
                    self._part("formulas", parts).props("aria-live=polite")
            with ui.element("section").props('aria-label="Code"').classes("code"):
                ui.html("Take along", sanitize=False, tag="h2")
                self._part("code", parts).on(
                    "click", self._export, js_handler="(event) => studio.chosen(event, 'export', emit)"
                )
            self._part("spoken", parts).props("role=status aria-live=polite").classes("unseen")
        ui.on("studio-moved", self._moved)
        ui.run_javascript(f"studio.begin({_state(shown)})")
        self._search()

    def _part(self, name: str, parts: Mapping[str, str]) -> ui.html:
        # Made by templates that escape whatever is put into them.
        self._parts[name] = ui.html(parts[name], sanitize=False)
        return self._parts[name]

    async def _choose(self, event: events.GenericEventArguments) -> None:
        self.screen.choose(_second(event))
        await self._show()

    async def _turn(self, event: events.GenericEventArguments) -> None:
        self.screen.turn(str(event.args[0]), _second(event))
        await self._show()

    async def _see(self, event: events.GenericEventArguments) -> None:
        self.screen.see(_second(event))
        await self._show(way="replace")

    async def _act(self, event: events.GenericEventArguments) -> None:
        words = str(event.args)
        await in_worker(self.screen.act, words)
        await self._show(way="replace" if words.startswith("explain ") else "go")
        for act, script in _SEEN_NEXT.items():
            if words.startswith(act):
                self._client.run_javascript(script)

    def _search(self) -> None:
        if self.screen.is_searching and not self._is_searching:
            self._is_searching = True
            background_tasks.create(self._look_further(), name="turns that fix a finding")

    async def _look_further(self) -> None:
        try:
            await self._client.connected()
            while self.screen.is_searching and not self._client.is_deleted:
                self._put(await in_worker(self.screen.look_further, _SLICE_SECONDS))
        finally:
            self._is_searching = False

    async def _export(self, event: events.GenericEventArguments) -> None:
        shown = await in_worker(self.screen.shown)
        try:
            file = await in_worker(export, shown, str(event.args))
        except ConvwrightError as error:
            self.screen.problem = str(error)
            await self._show()
        else:
            ui.download.content(file.text, file.name)

    async def _moved(self, event: events.GenericEventArguments) -> None:
        query = {str(key): str(value) for key, value in dict(event.args).items()}
        await in_worker(self.screen.open, query)
        await self._show(way="stay")

    async def _show(self, *, way: str = "go") -> None:
        """Bring the page up to date; of turns that come while it is computed, the last one counts."""
        self._is_stale, self._way = True, way
        if self._is_busy:
            return
        self._is_busy = True
        try:
            while self._is_stale:
                self._is_stale, way = False, self._way
                shown = await in_worker(self.screen.shown)
                if self._is_stale:
                    continue
                self._put(shown.parts)
                self._client.run_javascript(f"studio.{way}({_state(shown)})")
                more = await in_worker(self.screen.judged, shown.view)
                if not self._is_stale:
                    self._put(more)
            self._search()
        finally:
            self._is_busy = False

    def _put(self, parts: Mapping[str, str]) -> None:
        for name, content in parts.items():
            if self._parts[name].content != content:  # what is open in it stays so
                self._parts[name].set_content(content)


def _second(event: events.GenericEventArguments) -> str:
    return str(event.args[1])


def _state(shown: Shown) -> str:
    """What the script of the page needs, as JavaScript."""
    state: dict[str, Any] = {
        "title": shown.values["model"],
        "address": shown.address,
        "values": dict(shown.values),
        "changed": shown.changed,
    }
    return json.dumps(state)
