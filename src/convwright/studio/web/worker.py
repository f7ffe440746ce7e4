"""The threads that trace networks, one at a time, so that pages stay responsive meanwhile."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Turns:
    """Turns that come in the order in which they are asked for, one at a time: a lock would not keep the order.

    Examples
    --------
    >>> turns = Turns()
    >>> first, second = turns.ask(), turns.ask()
    >>> first.is_set(), second.is_set()
    (True, False)
    >>> turns.end(first)
    >>> second.is_set()
    True
    """

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._asked: deque[threading.Event] = deque()

    def ask(self) -> threading.Event:
        """Return a turn, which is set when it comes."""
        turn = threading.Event()
        with self._mutex:
            self._asked.append(turn)
            self._asked[0].set()
        return turn

    def end(self, turn: threading.Event) -> None:
        """End a turn, or give it up before it comes."""
        with self._mutex:
            self._asked.remove(turn)
            if self._asked:
                self._asked[0].set()


# One at a time only: a trace hooks every module that runs, whichever thread runs it.
_TURNS = Turns()
_WORKERS = ThreadPoolExecutor(max_workers=8, thread_name_prefix="studio")
_this_thread = threading.local()


async def in_worker(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call `function` there, when those before it are done, or wait for another process."""
    first = _TURNS.ask()

    def take_turns() -> T:
        first.wait()
        _this_thread.turn = first
        try:
            return function(*args, **kwargs)
        finally:
            _TURNS.end(_this_thread.turn)
            _this_thread.turn = None

    future = _WORKERS.submit(take_turns)
    try:
        return await asyncio.wrap_future(future)
    finally:
        if future.cancelled():  # it never began
            _TURNS.end(first)


@contextmanager
def others_turn() -> Iterator[None]:
    """Let other calls run while this one waits for another process; outside of `in_worker`, do nothing."""
    turn = getattr(_this_thread, "turn", None)
    if turn is None:
        yield
        return
    _TURNS.end(turn)
    try:
        yield
    finally:
        _this_thread.turn = _TURNS.ask()
        _this_thread.turn.wait()
