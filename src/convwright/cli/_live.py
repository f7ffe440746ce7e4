"""Progress that lives in a terminal, and is lines elsewhere."""

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar

from rich.console import Console

Watch = TypeVar("Watch")


@contextmanager
def live_or_plain(
    console: Console, live: AbstractContextManager[Any], *, in_terminal: Watch, elsewhere: Watch
) -> Iterator[Watch]:
    """What is to be told of events: in a terminal while `live` is shown, which is gone afterwards."""
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)  # it tells of each precision it sets up
    if console.is_terminal:
        with live:
            yield in_terminal
    else:
        yield elsewhere
