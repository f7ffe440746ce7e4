"""The designer: a model, its knobs, and what is known of the network."""

import json
from collections.abc import Mapping
from typing import Any

from nicegui import events, ui

from ..screen import Screen, Shown
from ..workbench import Workbench
from .frame import frame
from .worker import in_worker

# Of a control that changed: its name, and what it says.
_CONTROL = "(event) => emit(...studio.control(event.target))"


class DesignerPage:
    """One browser tab.

    Parameters
    ----------
    bench : Workbench
        What may be opened.
    """

    def __init__(self, bench: Workbench) -> None:
        self.screen = Screen(bench)
        self._parts: dict[str, ui.html] = {}
        self._is_busy = self._is_stale = False

    def opened(self, query: Mapping[str, str]) -> Shown:
        """Open the design of an address."""
        self.screen.open(query)
        return self.screen.shown()

    def build(self, shown: Shown) -> None:
        """Fill the page."""
        frame("/")
        self._client = ui.context.client
        with ui.element("main").props("id=main").classes("designer"):
            with ui.element("aside").props('aria-label="The design"'):
                self._part("models", shown).on("change", self._choose, js_handler=_CONTROL).on(
                    "click", self._reset, js_handler="(event) => studio.act(event, 'reset') && emit()"
                )
                self._part("knobs", shown).on("change", self._turn, js_handler=_CONTROL)
            self._part("facts", shown).classes("facts")
            with ui.element("section").props('aria-label="Findings"').classes("findings"):
                ui.html("Findings", sanitize=False, tag="h2")
                self._part("findings", shown)
            with ui.element("section").props('aria-label="Layers"').classes("tables"):
                ui.html("Layers", sanitize=False, tag="h2")
                self._part("layers", shown)
            with ui.element("section").props('aria-label="Code"').classes("code"):
                ui.html("Python", sanitize=False, tag="h2")
                self._part("code", shown)
            ui.html("", sanitize=False).props('id=spoken role=status aria-live=polite').classes("hidden")
        ui.on("studio-moved", self._moved)
        ui.run_javascript(f"studio.begin({_state(shown)})")

    def _part(self, name: str, shown: Shown) -> ui.html:
        # Made by templates that escape whatever is put into them.
        self._parts[name] = ui.html(shown.parts[name], sanitize=False)
        return self._parts[name]

    async def _choose(self, event: events.GenericEventArguments) -> None:
        self.screen.choose(_second(event))
        await self._show()

    async def _turn(self, event: events.GenericEventArguments) -> None:
        self.screen.turn(str(event.args[0]), _second(event))
        await self._show()

    async def _reset(self) -> None:
        self.screen.choose(self.screen.design.model)
        await self._show()

    async def _moved(self, event: events.GenericEventArguments) -> None:
        self.screen.open({str(key): str(value) for key, value in dict(event.args).items()})
        await self._show(is_move=True)

    async def _show(self, *, is_move: bool = False) -> None:
        """Bring the page up to date; of turns that come while it is computed, the last one counts."""
        self._is_stale = True
        if self._is_busy:
            return
        self._is_busy = True
        try:
            while self._is_stale:
                self._is_stale = False
                shown = await in_worker(self.screen.shown)
        finally:
            self._is_busy = False
        for name, part in self._parts.items():
            part.set_content(shown.parts[name])
        self._client.run_javascript(f"studio.{'stay' if is_move else 'go'}({_state(shown)})")


def _second(event: events.GenericEventArguments) -> str:
    return str(event.args[1])


def _state(shown: Shown) -> str:
    """What the script of the page needs, as JavaScript."""
    state: dict[str, Any] = {
        "address": shown.address,
        "values": dict(shown.values),
        "changed": shown.changed,
        "spoken": shown.spoken,
    }
    return json.dumps(state)
