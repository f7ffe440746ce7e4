"""Upload of photographs."""

from fastapi import Request
from fastapi.responses import PlainTextResponse
from nicegui import app
from starlette.requests import ClientDisconnect

from ...errors import ConvwrightError
from ..shared.photographs import Photographs, received
from .worker import in_worker


def receive_photographs(photographs: Photographs) -> None:
    """Keep what is posted to /photographs, one file a request; the answer is its name, or what is wrong with it."""

    @app.post("/photographs")
    async def keep(request: Request) -> PlainTextResponse:
        try:
            content = await received(request.stream(), request.headers.get("content-length"))
            return PlainTextResponse(await in_worker(photographs.add, content))
        except ConvwrightError as error:
            return PlainTextResponse(str(error), status_code=400)
        except ClientDisconnect:
            return PlainTextResponse("", status_code=400)  # nobody hears it
