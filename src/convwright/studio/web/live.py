"""Pages made of parts that a change brings up to date; of changes that come meanwhile, the last one counts."""

import json
from collections.abc import Mapping
from typing import Any, Generic, Protocol, TypeVar

from nicegui import events, ui

from .worker import in_worker

CONTROL = "(event) => emit(...studio.control(event.target))"


class Shown(Protocol):
    """What there is to see."""

    @property
    def parts(self) -> Mapping[str, str]:
        """HTML, by the part of the page."""

    @property
    def state(self) -> Mapping[str, Any]:
        """What the script of the page needs, the address among it."""


class Screen(Protocol):
    """A page without a browser: addresses and turns in, what there is to see out."""

    def open(self, query: Mapping[str, str]) -> None:
        """Open what an address says."""

    def turn(self, name: str, text: str) -> None:
        """Set one control."""

    def shown(self) -> Shown:
        """What the page shows now."""


S = TypeVar("S", bound=Screen)


class LivePage(Generic[S]):
    """One browser tab.

    Parameters
    ----------
    screen : Screen
        What it shows.
    """

    def __init__(self, screen: S) -> None:
        self.screen = screen
        self._parts: dict[str, ui.html] = {}
        self._is_busy = self._is_stale = False
        self._how = ""

    def opened(self, query: Mapping[str, str]) -> Shown:
        """What there is to see at an address."""
        self.screen.open(query)
        return self.screen.shown()

    def _begin(self, shown: Shown) -> None:
        """Once all parts are placed."""
        self._client = ui.context.client
        ui.on("studio-moved", self._moved)
        ui.run_javascript(f"studio.begin({json.dumps(shown.state)})")

    def _part(self, name: str, shown: Shown) -> ui.html:
        # Made by templates that escape whatever is put into them.
        self._parts[name] = ui.html(shown.parts[name], sanitize=False)
        return self._parts[name]

    async def _turn(self, event: events.GenericEventArguments) -> None:
        self.screen.turn(str(event.args[0]), str(event.args[1]))
        await self._show("go")

    async def _moved(self, event: events.GenericEventArguments) -> None:
        self.screen.open({str(key): str(value) for key, value in dict(event.args).items()})
        await self._show("stay")

    async def _show(self, how: str) -> None:
        """Bring the page up to date; `how` is what the script does with the address."""
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
                self._client.run_javascript(f"studio.{how}({json.dumps(shown.state)})")
        finally:
            self._is_busy = False
