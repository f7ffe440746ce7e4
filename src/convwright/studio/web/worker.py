"""The threads that trace networks, one at a time, so that pages stay responsive meanwhile."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

# One at a time only: a trace hooks every module that runs, whichever thread runs it.
_TURN = threading.Lock()
_WORKERS = ThreadPoolExecutor(max_workers=8, thread_name_prefix="studio")
_this_thread = threading.local()


async def in_worker(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call `function` there, when those before it are done, or wait for another process."""

    def take_a_turn() -> T:
        with _TURN:
            _this_thread.has_turn = True
            try:
                return function(*args, **kwargs)
            finally:
                _this_thread.has_turn = False

    return await asyncio.get_running_loop().run_in_executor(_WORKERS, take_a_turn)


@contextmanager
def others_turn() -> Iterator[None]:
    """Let other calls run while this one waits for another process; outside of `in_worker`, do nothing."""
    if not getattr(_this_thread, "has_turn", False):
        yield
        return
    _TURN.release()
    try:
        yield
    finally:
        _TURN.acquire()
