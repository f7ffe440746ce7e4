"""Progress: live in a terminal, plain lines elsewhere."""

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

Watch = TypeVar("Watch")


@contextmanager
def live_or_plain(
    console: Console, live: AbstractContextManager[Any], *, in_terminal: Watch, elsewhere: Watch
) -> Iterator[Watch]:
    """Yield the watch for events: `in_terminal` while `live` is shown, which is removed afterwards, or `elsewhere`."""
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)  # it tells of each precision it sets up
    if console.is_terminal:
        with live:
            yield in_terminal
    else:
        yield elsewhere


def progress_bars(console: Console) -> Progress:
    """Return bars with description, count and time left, removed when they end."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True)
