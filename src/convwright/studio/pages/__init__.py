"""The pages, which show what the functions of the studio return and hold no logic."""

from fastapi import Request
from nicegui import ui

from ..workbench import Workbench
from .designer import DesignerPage
from .worker import in_worker


def add_pages(bench: Workbench) -> None:
    """Make the pages known to NiceGUI."""

    @ui.page("/", response_timeout=_PATIENCE)
    async def designer(request: Request) -> None:
        page = DesignerPage(bench)
        page.build(*await in_worker(page.opened, dict(request.query_params)))


_PATIENCE = 60.0  # seconds; the first page waits for torch
