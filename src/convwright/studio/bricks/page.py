"""The chapter's lessons on convolution and pooling, to touch."""

from pathlib import Path

from nicegui import events, ui

from ..shared.photographs import Photographs
from ..web.frame import frame
from ..web.live import CONTROL, LivePage, Shown
from .screen import BricksScreen

_DRAGGED = "(event) => event.target.type === 'range' && emit(...studio.control(event.target))"


class BricksPage(LivePage[BricksScreen]):
    """One browser tab.

    Parameters
    ----------
    photographs : Photographs
        What can be looked at.
    """

    def __init__(self, photographs: Photographs) -> None:
        super().__init__(BricksScreen(photographs))

    def build(self, shown: Shown) -> None:
        """Fill the page."""
        frame("/bricks", Path(__file__).parent)
        with ui.element("div").props("id=main").classes("bricks"):
            with ui.element("aside").props('aria-label="What is tried"'):
                knobs = self._part("knobs", shown)
                knobs.on("change", self._turn, js_handler=CONTROL)
                knobs.on("input", self._drag, js_handler=_DRAGGED)
            self._part("lessons", shown).on(
                "click", self._learn, js_handler="(event) => studio.chosen(event, 'lesson', emit)"
            )
            self._part("stage", shown).classes("stage")
        self._begin(shown)

    async def _drag(self, event: events.GenericEventArguments) -> None:
        self.screen.turn(str(event.args[0]), str(event.args[1]))
        await self._show("drag")

    async def _learn(self, event: events.GenericEventArguments) -> None:
        self.screen.turn("lesson", str(event.args))
        await self._show("go")
