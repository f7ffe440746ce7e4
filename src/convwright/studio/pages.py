"""The pages, which show what the functions of the studio return and hold no logic."""

import gc
from pathlib import Path

from fastapi import Request
from nicegui import app, ui

from .bricks.page import BricksPage
from .designer.file_edits import FileEdits
from .designer.page import DesignerPage
from .field.page import FieldPage
from .runs.explanation import Looks
from .runs.page import RunsPage, serve_reports
from .runs.runs import Runs
from .shared.photographs import Photographs
from .shared.workbench import Workbench
from .web.uploads import receive_photographs
from .web.worker import in_worker
from .zoo.page import ComparePage
from .zoo.table import Zoo

_PATIENCE = 60.0  # seconds; the first page waits for torch
_ENDING_SECONDS = 20.0  # for what was started here to write its checkpoints


def add_pages(bench: Workbench) -> None:
    """Make the pages known to NiceGUI."""
    zoo, edits = Zoo(bench), FileEdits(bench)
    photographs = Photographs()
    receive_photographs(photographs)
    runs, looks = Runs(Path.cwd()), Looks(photographs, bench.named)
    serve_reports(runs)
    # Before the server ends, not after: a signal that ended it is raised again then, and may end everything.
    app.on_shutdown(lambda: runs.jobs.end(_ENDING_SECONDS))

    @app.on_startup
    async def look_at_the_zoo() -> None:
        # So that the table is there when it is asked for: a model at a time, since others wait for the worker too.
        while not zoo.is_whole:
            await in_worker(zoo.more)
        # By now everything is imported, and stays: a search of it for garbage takes longer than a look at a network.
        await in_worker(gc.collect)
        await in_worker(gc.freeze)

    @ui.page("/", response_timeout=_PATIENCE)
    async def designer(request: Request) -> None:
        page = DesignerPage(bench, edits, photographs)
        page.build(*await in_worker(page.opened, dict(request.query_params)))

    @ui.page("/compare")
    def compare(request: Request) -> None:
        ComparePage(zoo).build(dict(request.query_params))

    @ui.page("/bricks", response_timeout=_PATIENCE)
    async def bricks(request: Request) -> None:
        page = BricksPage(photographs)
        page.build(await in_worker(page.opened, dict(request.query_params)))

    @ui.page("/field", response_timeout=_PATIENCE)
    async def field(request: Request) -> None:
        page = FieldPage(bench, photographs)
        page.build(await in_worker(page.opened, dict(request.query_params)))

    @ui.page("/runs", response_timeout=_PATIENCE)
    async def runs_page(request: Request) -> None:
        page = RunsPage(runs, looks)
        page.build(*await in_worker(page.opened, dict(request.query_params)))
