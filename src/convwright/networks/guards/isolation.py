"""Isolation of a network that is built or traced: guarded calls answer in their own way, nothing is connected to."""

import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

from .callers import is_called_by_user
from .cpu_mode import CpuMode
from .guard import NetworkGuard
from .guarded_calls import GUARDED_CALLS, GuardedAnswer
from .swapped_functions import SwappedFunctions
from .unwritten_files import WRITING_CALLS

_CONNECTIONS = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendmsg", "socket.sendto")
_PROGRAMS = ("os.exec", "os.posix_spawn", "os.spawn", "os.system", "subprocess.Popen")
_lock = threading.RLock()
# The guards that are active, each with the threads that were running before it.
_active: list[tuple[NetworkGuard, frozenset[threading.Thread]]] = []
_is_listening = False


@contextmanager
def isolated(guard: NetworkGuard, *, is_tracing: bool = False) -> Iterator[None]:
    """While active, this thread and those that it starts fetch nothing, load no weights and move nothing to a GPU.

    Parameters
    ----------
    guard : NetworkGuard
        Gets a note of everything that is not done.
    is_tracing : bool
        True for a trace, in which no tensor is on any device.
    """
    others = frozenset(threading.enumerate()) - {threading.current_thread()}
    entry, was_tracing = (guard, others), guard.is_tracing
    guard.is_tracing = is_tracing
    with ExitStack() as stack:
        _enter(entry)
        stack.callback(_leave, entry)
        if not is_tracing:
            stack.enter_context(CpuMode(guard))
        try:
            yield
        finally:
            guard.is_tracing = was_tracing


def active_guard() -> NetworkGuard | None:
    """Return the innermost guard of this thread; None where none is active."""
    return next((guard for guard, others in reversed(_active) if threading.current_thread() not in others), None)


def _answer(answer: GuardedAnswer, original: GuardedAnswer, *args: Any, **kwargs: Any) -> Any:
    guard = active_guard()
    return original(*args, **kwargs) if guard is None else answer(guard, original, *args, **kwargs)


_functions = SwappedFunctions(
    {place: partial(_answer, answer) for place, answer in {**GUARDED_CALLS, **WRITING_CALLS}.items()}
)


def _enter(entry: tuple[NetworkGuard, frozenset[threading.Thread]]) -> None:
    global _is_listening
    with _lock:
        if not _is_listening:
            sys.addaudithook(_refuse)  # cannot be taken back: without a guard it returns at once
            _is_listening = True
        if not _active:
            _functions.install()
        _active.append(entry)


def _leave(entry: tuple[NetworkGuard, frozenset[threading.Thread]]) -> None:
    with _lock:
        _active.remove(entry)
        if not _active:
            _functions.remove()


def _refuse(event: str, args: tuple[Any, ...]) -> None:
    """Refuse connections to other machines, and programs that the user's own lines start."""
    if not _active or (event not in _CONNECTIONS and event not in _PROGRAMS):
        return
    guard = active_guard()
    if guard is None:
        return
    if event in _PROGRAMS:
        if is_called_by_user():
            raise guard.refusal(f"another program ({args[0]})")
        return
    # A name to look up, or an address; that of a socket of this machine is the path of a file.
    host = args[0] if event.startswith("socket.get") else args[1][0] if isinstance(args[1], tuple) else None
    if host is not None:
        raise guard.refusal(f"the network ({host})")
