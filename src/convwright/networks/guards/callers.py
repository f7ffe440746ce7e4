"""Frames that led to a guarded call: the user's line, and who called."""

import os
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from ...graph.places import place_at
from ..reading.installed import is_ours, is_users

_STANDARD = os.path.join(sysconfig.get_path("stdlib"), "")
_SITE = os.path.join(_STANDARD, "site-packages", "")
# What builds or traces a network: frames outside it are not the network's.
_PACKAGE = Path(__file__).parents[2]
_ENTRIES = tuple(
    os.fspath(_PACKAGE / file)
    for file in ("networks/factories.py", "networks/reading/definition_runner.py", "graph/trace.py")
)


def users_place() -> str:
    """Return the line of the user's that is running, as `net.py:12`; "" where there is none."""
    return next((str(place_at(file, line)) for file, line in _callers() if is_users(file)), "")


def is_called_by_user() -> bool:
    """Return True if the innermost caller outside Python's own library is the user's file."""
    outside = (file for file, _ in _callers() if not file.startswith(_STANDARD) or file.startswith(_SITE))
    return is_users(next(outside, __file__))


def _callers() -> Iterator[tuple[str, int]]:
    """Yield file and line of the frames of the network, the innermost first."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename not in _ENTRIES:
        file = frame.f_code.co_filename
        if not is_ours(file) and not file.startswith("<frozen"):
            yield file, frame.f_lineno
        frame = frame.f_back
