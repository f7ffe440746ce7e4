"""The studio's server: this machine's browsers only, behind the guard."""

import errno
import signal
import socket
import warnings
from collections.abc import Callable

from ...errors import ConvwrightError
from ...extras import needs_extra
from .disconnects import QuietDisconnects
from .safety import HOST, TOKEN, Guard, new_token


def serve(add_pages: Callable[[], None], port: int, announce: Callable[[str], None]) -> None:
    """Serve the studio until it is interrupted.

    Parameters
    ----------
    add_pages : callable
        Makes the pages known to NiceGUI, once that is known to be installed.
    port : int
        To listen on; 0 for any that is free.
    announce : callable
        Told the address, with its token, once it can be opened.

    Raises
    ------
    ConvwrightError
        When NiceGUI is not installed, or the port is taken.
    """
    with needs_extra("studio"):
        from nicegui import ui
    import uvicorn  # it and the next come with NiceGUI
    from fastapi import FastAPI

    listening = _listen(port)
    port, token = listening.getsockname()[1], new_token()
    app = FastAPI(openapi_url=None)
    add_pages()
    ui.run_with(app, title="convwright studio", dark=None, tailwind=False, language="en-US", show_welcome_message=False)
    # NiceGUI looks through all objects for its server, and touches one of torch that warns of its age.
    warnings.filterwarnings("ignore", message=".*reduce_op", category=FutureWarning)
    config = uvicorn.Config(
        Guard(QuietDisconnects(app), port=port, token=token),
        log_level="warning",
        ws="wsproto",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    _end_with_the_terminal()
    announce(f"http://{HOST}:{port}/?{TOKEN}={token}")
    uvicorn.Server(config).run(sockets=[listening])


def _end_with_the_terminal() -> None:
    """End as SIGTERM does when the terminal is closed: what was started here is stopped first."""
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
        signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))


def _listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
        listening.listen()
    except OSError as error:
        listening.close()
        taken = "it is taken" if error.errno == errno.EADDRINUSE else str(error.strerror)
        raise ConvwrightError(f"port {port} cannot be used ({taken})", hint="choose another --port") from error
    return listening
