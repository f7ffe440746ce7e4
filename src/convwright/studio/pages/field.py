"""The receptive field of a network, growing layer by layer over a photograph."""

import json
from collections.abc import Iterator, Mapping

from nicegui import background_tasks, events, ui

from ...analysis.effective_field import EffectiveField
from ...errors import ConvwrightError
from ..field.screen import FieldScreen, Shown
from ..photographs import Photographs
from ..workbench import Workbench
from .frame import frame
from .worker import in_worker

_CONTROL = "(event) => emit(...studio.control(event.target))"


class FieldPage:
    """One browser tab.

    Parameters
    ----------
    bench : Workbench
        What may be opened.
    photographs : Photographs
        What can be looked at.
    """

    def __init__(self, bench: Workbench, photographs: Photographs) -> None:
        self.screen = FieldScreen(bench, photographs)
        self._parts: dict[str, ui.html] = {}
        self._is_busy = self._is_stale = False
        self._how = ""

    def opened(self, query: Mapping[str, str]) -> Shown:
        """What there is to see at an address."""
        self.screen.open(query)
        return self.screen.shown()

    def build(self, shown: Shown) -> None:
        """Fill the page."""
        frame("/field")
        self._client = ui.context.client
        with ui.element("div").props("id=main").classes("field"):
            with ui.element("aside").props('aria-label="What is looked at"'):
                self._part("models", shown).on("change", self._turn, js_handler=_CONTROL)
                self._part("design", shown).on(
                    "click", self._reset, js_handler="(event) => studio.chosen(event, 'act', emit)"
                )
                self._part("photograph", shown).on("change", self._turn, js_handler=_CONTROL)
            self._part("title", shown).classes("title")
            with ui.element("section").props('aria-label="What it sees"').classes("eye"):
                for name in ("photo", "overlay", "boxes"):
                    self._part(name, shown)
            with ui.element("section").props('aria-label="Effective field"').classes("heat"):
                self._part("heat", shown).on(
                    "click", self._heat, js_handler="(event) => studio.chosen(event, 'heat', emit)"
                )
            with ui.element("section").props('aria-label="Layers"').classes("list"):
                self._part("layers", shown)
        ui.on("field-step", self._step)
        ui.on("studio-moved", self._moved)
        ui.run_javascript(f"studio.begin({_state(shown)})")

    def _part(self, name: str, shown: Shown) -> ui.html:
        # Made by templates that escape whatever is put into them.
        self._parts[name] = ui.html(shown.parts[name], sanitize=False)
        return self._parts[name]

    async def _turn(self, event: events.GenericEventArguments) -> None:
        self.screen.turn(str(event.args[0]), str(event.args[1]))
        await self._show("go")

    async def _reset(self) -> None:
        self.screen.turn("model", self.screen.design.model)
        await self._show("go")

    async def _step(self, event: events.GenericEventArguments) -> None:
        self.screen.turn("layer", str(event.args))
        await self._show("go")

    async def _moved(self, event: events.GenericEventArguments) -> None:
        self.screen.open({str(key): str(value) for key, value in dict(event.args).items()})
        await self._show("stay")

    async def _heat(self, event: events.GenericEventArguments) -> None:
        self.screen.cool()
        if event.args == "start":
            try:
                heats = await in_worker(self.screen.heats)
            except ConvwrightError as error:
                self.screen.problem = str(error)
            else:
                background_tasks.create(self._grow(heats), name="the effective field")
        await self._show("go")

    async def _grow(self, heats: Iterator[EffectiveField]) -> None:
        """Show the field after each image; between them the worker sees to others."""
        while not self._client.is_deleted and self.screen.is_measuring(heats):
            await in_worker(self.screen.measure, heats)
            await self._show("stay")

    async def _show(self, how: str) -> None:
        """Bring the page up to date; of changes that come while it is computed, the last one counts."""
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
    title = f"{shown.values['model']}, field"
    return json.dumps(
        {
            "title": title,
            "address": shown.address,
            "values": dict(shown.values),
            "changed": [],
            "step": shown.step,
        }
    )
