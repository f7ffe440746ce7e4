"""A page that is kept up to date: one mechanism and one protocol for all of them."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from time import monotonic
from typing import Any, Literal

from markupsafe import Markup
from nicegui import background_tasks, events, ui

from .frame import frame
from .screen import Download, PageState, Parts, Screen
from .worker import in_worker

_OPENING_SECONDS = 1.0  # steps that are done by then are delivered with the page

How = Literal["change", "drag", "moved", "tick"]
# What the script does with the address: "go" and "replace" are for changes, see `PageState.is_step`.
_SCRIPTS: Mapping[How, str] = {"drag": "fill", "moved": "stay", "tick": "fill"}


class LivePage:
    """One browser tab: sends what somebody does to a screen, and the steps in which that is drawn to the browser.

    Of changes that come while the page is drawn, the last one counts.

    Parameters
    ----------
    screen : Screen
        What it shows.
    tick_seconds : float
        Time after which the page is drawn anew without a change; 0 for never.
    """

    def __init__(self, screen: Screen, *, tick_seconds: float = 0.0) -> None:
        self._screen, self._tick_seconds = screen, tick_seconds
        self._parts: dict[str, Markup] = {}
        self._state: PageState | None = None
        self._is_busy = self._is_stale = False
        self._how: How = "moved"

    async def show(self, path: str, folder: Path, query: Mapping[str, str]) -> None:
        """Deliver the page at `path`, whose template, style and script are in `folder`, and keep it up to date."""
        await in_worker(self._screen.open, query)
        drawing, end, has_more = self._screen.draw(), monotonic() + _OPENING_SECONDS, True
        while has_more and (not self._parts or monotonic() < end):
            step = await in_worker(self._next, drawing)
            has_more = step[0] is not None
            self._changed(step)
        frame(path, folder, self._parts)
        self._client = ui.context.client
        ui.on("studio-set", lambda event: self._change("change", self._screen.set, *map(str, event.args)))
        ui.on("studio-drag", lambda event: self._change("drag", self._screen.set, *map(str, event.args)))
        ui.on("studio-act", lambda event: self._change("change", self._screen.act, str(event.args)))
        ui.on("studio-moved", self._moved)
        ui.run_javascript(f"studio.begin({_json(self._state)})")
        if has_more:
            background_tasks.create(self._finish(drawing), name=f"the rest of {path}")
        if self._tick_seconds:
            ui.timer(self._tick_seconds, self._tick)

    async def _finish(self, drawing: Iterator[Parts]) -> None:
        await self._client.connected()
        if not self._is_busy:
            await self._draw(drawing)

    async def _moved(self, event: events.GenericEventArguments) -> None:
        query = {str(key): str(value) for key, value in dict(event.args).items()}
        await self._change("moved", self._screen.open, query)

    async def _tick(self) -> None:
        if not (self._is_busy or self._is_stale):  # a change that is under way draws by itself
            self._is_stale, self._how = True, "tick"
            await self._draw()

    async def _change(self, how: How, change: Callable[..., Download | None], *args: Any) -> None:
        self._is_stale, self._how = True, how  # what is being drawn is no longer wanted
        file = await in_worker(change, *args)
        if file is not None:
            ui.download.content(file.text, file.name)
        if not self._is_busy:
            await self._draw()

    async def _draw(self, drawing: Iterator[Parts] | None = None) -> None:
        """Send the steps of a drawing that has begun, and of another one as long as there was a change."""
        self._is_busy = True
        try:
            if drawing is not None:
                await self._follow(drawing, "tick")
            while self._is_stale:
                self._is_stale = False
                await self._follow(self._screen.draw(), self._how)
        finally:
            self._is_busy = False

    async def _follow(self, drawing: Iterator[Parts], how: How) -> None:
        """Send each step as it comes, until there is none or somebody changes something."""
        while not (self._is_stale or self._client.is_deleted):
            parts, state = await in_worker(self._next, drawing)
            if parts is None or self._is_stale:
                return
            script = _SCRIPTS.get(how, "go" if state.is_step else "replace")
            is_news = how != "tick" or state != self._state
            if (changed := self._changed((parts, state))) or is_news:
                self._client.run_javascript(f"studio.show({json.dumps(script)}, {json.dumps(changed)}, {_json(state)})")
            how = "tick"  # the steps that follow are no change

    def _next(self, drawing: Iterator[Parts]) -> tuple[Parts | None, PageState]:
        return next(drawing, None), self._screen.state

    def _changed(self, step: tuple[Parts | None, PageState]) -> dict[str, Markup]:
        """Keep what a step says, and return the parts of it that are new."""
        parts, self._state = step
        changed = {name: html for name, html in (parts or {}).items() if self._parts.get(name) != html}
        self._parts |= changed
        return changed


def _json(state: PageState | None) -> str:
    return json.dumps(asdict(state) if state else {})
