"""The zoo as a table, which a budget filters."""

import json
from collections.abc import Mapping
from pathlib import Path

from nicegui import background_tasks, events, ui

from ..web.frame import frame
from ..web.worker import in_worker
from . import fragments
from .screen import Listing
from .table import Zoo

_SLICE_SECONDS = 0.3  # that the one worker spends on the zoo before it sees to others


class ComparePage:
    """One browser tab.

    Parameters
    ----------
    zoo : Zoo
        The models, which all tabs share.
    """

    def __init__(self, zoo: Zoo) -> None:
        self._listing = Listing(zoo)

    def build(self, query: Mapping[str, str]) -> None:
        """Fill the page."""
        frame("/compare", Path(__file__).parent)
        self._client = ui.context.client
        self._listing.open(query)
        with ui.element("div").props("id=main").classes("compare"):
            ui.html("Architectures", sanitize=False, tag="h1")
            ui.html(fragments.budget_form(), sanitize=False).on(
                "input", self._ask, js_handler="(event) => emit(...studio.control(event.target))"
            )
            # Made by a template that escapes whatever is put into it.
            self._table = ui.html(self._listing.table(), sanitize=False)
            self._table.on("click", self._sort, js_handler="(event) => studio.chosen(event, 'sort', emit)")
            self._table.on("change", self._pick, js_handler="(event) => studio.chosen(event, 'pick', emit)")
        ui.run_javascript(f"studio.begin({self._state()})")
        background_tasks.create(self._grow(), name="the zoo")

    async def _grow(self) -> None:
        await self._client.connected()
        while not (self._listing.is_whole or self._client.is_deleted):
            self._table.set_content(await in_worker(self._listing.grow, _SLICE_SECONDS))

    def _ask(self, event: events.GenericEventArguments) -> None:
        self._listing.ask(str(event.args[0]), str(event.args[1]))
        self._show()

    def _sort(self, event: events.GenericEventArguments) -> None:
        self._listing.sort(str(event.args))
        self._show()

    def _pick(self, event: events.GenericEventArguments) -> None:
        self._listing.pick(str(event.args))
        self._show()

    def _show(self) -> None:
        self._table.set_content(self._listing.table())
        self._client.run_javascript(f"studio.replace({self._state()})")

    def _state(self) -> str:
        wish = self._listing.wish
        texts = wish.texts()
        return json.dumps({"title": "Compare", "address": wish.address(), "values": texts, "changed": list(texts)})
