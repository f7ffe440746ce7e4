"""The pages, which show what the functions of the studio return and hold no logic."""

from fastapi import Request
from nicegui import ui

from ..runs import Runs
from ..workbench import Workbench
from ..zoo import Zoo
from .compare import ComparePage
from .designer import DesignerPage
from .runs import RunsPage, add_reports
from .worker import in_worker

_PATIENCE = 60.0  # seconds; the first page waits for torch


def add_pages(bench: Workbench, runs: Runs) -> None:
    """Make the pages known to NiceGUI."""
    zoo = Zoo(bench)

    @ui.page("/", response_timeout=_PATIENCE)
    async def designer(request: Request) -> None:
        page = DesignerPage(bench)
        page.build(*await in_worker(page.opened, dict(request.query_params)))

    @ui.page("/compare")
    def compare(request: Request) -> None:
        ComparePage(zoo).build(dict(request.query_params))

    @ui.page("/runs", response_timeout=_PATIENCE)
    async def runs_page(request: Request) -> None:
        page = RunsPage(runs)
        page.build(*await in_worker(page.opened, dict(request.query_params)))

    add_reports(runs)
