"""The reports of runs, served by the names that the listing has."""

import nicegui
from fastapi import Response

from ...errors import ConvwrightError
from ..web.worker import in_worker
from .runs import Runs

# A report is a file that anybody may have put there: it gets no script, no origin, and loads nothing.
_SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"


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
