"""Steps of a long task, as it says them itself: in whichever process it runs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple


class Step(NamedTuple):
    """A step begins.

    Attributes
    ----------
    text : str
        The step in a few words: "linting net.py:Net".
    subject : str
        The network that the step is about: "net.py:Net".
    is_limited : bool
        False if it has no limit of time.
    """

    text: str
    subject: str = ""
    is_limited: bool = True


Listener = Callable[[Step], None]

_LISTENER: ContextVar[Listener | None] = ContextVar("who hears of steps", default=None)


def announce(text: str, subject: str = "", *, is_limited: bool = True) -> None:
    """Say which step begins now. In a process with limits, its time begins anew.

    Parameters
    ----------
    text : str
        The step in a few words: "linting net.py:Net".
    subject : str
        The network that the step is about; the error of a call that does not come back names it.
    is_limited : bool
        False lifts the limit of time until the next step: for a measurement.
    """
    listener = _LISTENER.get()
    if listener is not None:
        listener(Step(text, subject, is_limited))


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """While active, tell `listener` of each step."""
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)
