"""The pages of the studio, each a screen on the one live page."""

import gc
from pathlib import Path

from fastapi import Request
from nicegui import app, ui

from .bricks.screen import BricksScreen
from .designer.file_edits import FileEdits
from .designer.screen import DesignerScreen
from .field.screen import FieldScreen
from .runs.explanation import Explainer
from .runs.reports import serve_reports
from .runs.runs import Runs
from .runs.screen import RunsScreen
from .shared.photographs import Photographs
from .shared.workbench import Workbench
from .web.live import LivePage
from .web.uploads import receive_photographs
from .web.worker import in_worker
from .zoo.screen import ZooScreen
from .zoo.table import ZooTable

_PATIENCE = 60.0  # seconds; the first page waits for torch
_ENDING_SECONDS = 20.0  # for what was started here to write its checkpoints
_TICK_SECONDS = 1.0  # between two looks at runs
_HERE = Path(__file__).parent


def add_pages(bench: Workbench) -> None:
    """Make the pages known to NiceGUI."""
    table, edits = ZooTable(bench), FileEdits(bench)
    photographs = Photographs()
    receive_photographs(photographs)
    runs, explainer = Runs(Path.cwd()), Explainer(photographs, bench.named)
    serve_reports(runs)
    # Before the server ends, not after: a signal that ended it is raised again then, and may end everything.
    app.on_shutdown(lambda: runs.jobs.end(_ENDING_SECONDS))

    @app.on_startup
    async def fill_the_table() -> None:
        # So that it is there when it is asked for: a model at a time, since others wait for the worker too.
        while not table.is_whole:
            await in_worker(table.more)
        # By now everything is imported, and stays: a search of it for garbage takes longer than a look at a network.
        await in_worker(gc.collect)
        await in_worker(gc.freeze)

    @ui.page("/", response_timeout=_PATIENCE)
    async def designer(request: Request) -> None:
        page = LivePage(DesignerScreen(bench, edits, photographs))
        await page.show("/", _HERE / "designer", dict(request.query_params))

    @ui.page("/compare", response_timeout=_PATIENCE)
    async def compare(request: Request) -> None:
        await LivePage(ZooScreen(table)).show("/compare", _HERE / "zoo", dict(request.query_params))

    @ui.page("/bricks", response_timeout=_PATIENCE)
    async def bricks(request: Request) -> None:
        await LivePage(BricksScreen(photographs)).show("/bricks", _HERE / "bricks", dict(request.query_params))

    @ui.page("/field", response_timeout=_PATIENCE)
    async def field(request: Request) -> None:
        await LivePage(FieldScreen(bench, photographs)).show("/field", _HERE / "field", dict(request.query_params))

    @ui.page("/runs", response_timeout=_PATIENCE)
    async def runs_page(request: Request) -> None:
        page = LivePage(RunsScreen(runs, explainer), tick_seconds=_TICK_SECONDS)
        await page.show("/runs", _HERE / "runs", dict(request.query_params))
