"""The receptive field of a network, growing layer by layer over a photograph."""

from collections.abc import Iterator
from pathlib import Path

from nicegui import background_tasks, events, ui

from ...analysis.effective_field import EffectiveField
from ...errors import ConvwrightError
from ..shared.photographs import Photographs
from ..shared.workbench import Workbench
from ..web.frame import frame
from ..web.live import CONTROL, LivePage, Shown
from ..web.worker import in_worker
from .screen import FieldScreen


class FieldPage(LivePage[FieldScreen]):
    """One browser tab.

    Parameters
    ----------
    bench : Workbench
        What may be opened.
    photographs : Photographs
        What can be looked at.
    """

    def __init__(self, bench: Workbench, photographs: Photographs) -> None:
        super().__init__(FieldScreen(bench, photographs))

    def build(self, shown: Shown) -> None:
        """Fill the page."""
        frame("/field", Path(__file__).parent)
        with ui.element("div").props("id=main").classes("field"):
            with ui.element("aside").props('aria-label="What is looked at"'):
                self._part("models", shown).on("change", self._turn, js_handler=CONTROL)
                self._part("design", shown).on(
                    "click", self._reset, js_handler="(event) => studio.chosen(event, 'act', emit)"
                )
                self._part("photograph", shown).on("change", self._turn, js_handler=CONTROL)
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
        self._begin(shown)

    async def _reset(self) -> None:
        self.screen.turn("model", self.screen.design.model)
        await self._show("go")

    async def _step(self, event: events.GenericEventArguments) -> None:
        self.screen.turn("layer", str(event.args))
        await self._show("go")

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
