"""The runs: what there is, how far it is, and what can be started."""

import json
from collections.abc import Mapping
from pathlib import Path

import nicegui
from fastapi import Response
from nicegui import events, ui

from ...errors import ConvwrightError
from ..web.frame import frame
from ..web.worker import in_worker
from . import fragments
from .explanation import Looks
from .runs import Runs
from .screen import RunsScreen

_LOOK_SECONDS = 1.0
_CONTROL = "(event) => emit(...studio.control(event.target))"
_PARTS = ("head", "main", "pictures", "looking", "numbers")
# A report is a file that anybody may have put there: it gets no script, no origin, and loads nothing.
_SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"


class RunsPage:
    """One browser tab.

    Parameters
    ----------
    runs : Runs
        Of all tabs.
    looks : Looks
        Of all tabs.
    """

    def __init__(self, runs: Runs, looks: Looks) -> None:
        self._screen = RunsScreen(runs, looks)
        self._shown: dict[str, str] = {}
        self._is_busy = self._is_looking = self._is_stale = False

    def opened(self, query: Mapping[str, str]) -> tuple[str, Mapping[str, str]]:
        """Open what an address says: the forms, and the parts of the page."""
        self._screen.open(query)
        return self._screen.forms(), self._screen.parts()

    def build(self, forms: str, parts: Mapping[str, str]) -> None:
        """Fill the page."""
        frame("/runs", Path(__file__).parent)
        self._client = ui.context.client
        is_list = not self._screen.name
        act = "(event) => studio.chosen(event, 'act', emit)"
        with (
            ui.element("main")
            .props("id=main")
            .classes("listed" if is_list else "one")
            .on("click", self._act, js_handler=act)
        ):
            if is_list:
                # Made by templates that escape whatever is put into them, as all that follows.
                ui.html(forms, sanitize=False, tag="aside").props('aria-label="Start"').on(
                    "input", self._set, js_handler=_CONTROL
                )
            with ui.element("section").props('aria-label="Runs"'):
                for name in _PARTS:
                    ui.html(parts.get(name, ""), sanitize=False).props(f"id=part-{name}").on(
                        "change", self._set, js_handler=_CONTROL
                    )
        self._shown = {name: html for name, html in parts.items() if name in _PARTS}
        ui.on("studio-moved", self._moved)
        ui.run_javascript(f"studio.begin({json.dumps(self._screen.state)})")
        self._put(parts)
        ui.timer(_LOOK_SECONDS, self._look)

    async def _look(self) -> None:
        """Bring the page up to date, unless that is being done."""
        if self._is_busy:
            return
        self._is_busy = True
        try:
            self._put(await in_worker(self._screen.parts))
        finally:
            self._is_busy = False
        if self._screen.can_look and "looking" not in self._shown:  # it was just opened, or has come to its end
            await self._show_photograph()

    async def _show_photograph(self) -> None:
        """Show the chosen photograph to the network; of choices that come meanwhile, the last one counts."""
        self._is_stale = True
        if self._is_looking:
            return
        self._is_looking = True
        try:
            while self._is_stale:
                self._is_stale = False
                if "looking" not in self._shown:
                    self._put({"looking": fragments.loading()})
                self._client.run_javascript("runs.busy(true)")
                self._put({"looking": await in_worker(self._screen.looking)})
                self._client.run_javascript(f"runs.busy(false); studio.fill({json.dumps(self._screen.state)}, false)")
        finally:
            self._is_looking = False

    def _put(self, parts: Mapping[str, str]) -> None:
        changed = {name: html for name, html in parts.items() if self._shown.get(name) != html}
        self._shown |= changed
        if changed:
            self._client.run_javascript(f"runs.put({json.dumps(changed)})")

    async def _set(self, event: events.GenericEventArguments) -> None:
        self._screen.set(str(event.args[0]), str(event.args[1]))
        self._client.run_javascript(f"studio.go({json.dumps(self._screen.state)})")
        await self._follow()

    async def _act(self, event: events.GenericEventArguments) -> None:
        before = self._screen.name
        await in_worker(self._screen.act, str(event.args))
        if self._screen.name != before:
            self._client.run_javascript(f"location.assign({json.dumps(self._screen.state['address'])})")
        else:
            self._put(await in_worker(self._screen.parts))

    async def _moved(self, event: events.GenericEventArguments) -> None:
        self._screen.open({str(key): str(value) for key, value in dict(event.args).items()})
        self._client.run_javascript(f"studio.stay({json.dumps(self._screen.state)})")
        await self._follow()

    async def _follow(self) -> None:
        if self._screen.can_look:
            await self._show_photograph()
        else:
            self._put(await in_worker(self._screen.parts))


def serve_reports(runs: Runs) -> None:
    """Serve the reports of runs, by the names that the listing has."""

    @nicegui.app.get("/runs/report")
    async def report(run: str) -> Response:
        try:
            page = await in_worker(lambda: runs.report(run).read_bytes())
        except (ConvwrightError, OSError) as error:
            return Response(f"error: {error}\n", status_code=404, media_type="text/plain")
        headers = {"content-security-policy": _SANDBOX, "cache-control": "no-store"}
        return Response(page, media_type="text/html", headers=headers)
