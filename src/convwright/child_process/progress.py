"""Steps of a long task, as it says them itself: in whichever process it runs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Listener = Callable[[str, bool], None]

_LISTENER: ContextVar[Listener | None] = ContextVar("who hears of steps", default=None)


def announce(step: str, *, is_limited: bool = True) -> None:
    """Say which step begins now. In a process with limits, its time begins anew.

    Parameters
    ----------
    step : str
        The step in a few words: "linting net.py:Net".
    is_limited : bool
        False lifts the limit of time until the next step: for a measurement.
    """
    listener = _LISTENER.get()
    if listener is not None:
        listener(step, is_limited)


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """While active, tell `listener` of each step."""
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)
