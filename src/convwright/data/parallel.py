"""Work on all images of a set: in pieces, by several threads, with progress in a terminal."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_PIECE = 128  # images a task: long enough that handing it over costs nothing, short enough that progress moves

T = TypeVar("T")


def in_pieces(task: Callable[[range], T], total: int, title: str) -> Iterator[T]:
    """Yield what `task` returns for each piece of the numbers below `total`, in their order.

    >>> list(in_pieces(len, 300, "counting"))
    [128, 128, 44]
    """
    from rich.console import Console
    from rich.progress import Progress

    pieces = [range(start, min(start + _PIECE, total)) for start in range(0, total, _PIECE)]
    console = Console(stderr=True)
    pool = ThreadPoolExecutor(min(16, os.cpu_count() or 1))  # Pillow lets other threads run while it decodes
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task(title, total=total)
        try:
            for piece, made in zip(pieces, pool.map(task, pieces), strict=True):
                yield made
                progress.advance(bar, len(piece))
        finally:
            pool.shutdown(cancel_futures=True)
