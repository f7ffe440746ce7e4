"""Trial of a user's network in a process of its own: one that does not come back is not opened in this one."""

import os
from collections.abc import Iterable

from ..child_process import ChildCall, Limits, announce, call, memory_error
from ..errors import ConvwrightError
from ..graph.trace import trace
from .name import NetworkName
from .open import open_network
from .reading.file_import import fresh_imports, users_place


def require_trial(name: NetworkName, limits: Limits | None = None) -> None:
    """Open and trace a user's network in a process of its own; do nothing for any other.

    Raises
    ------
    ConvwrightError
        When it does not come back within the limits, or ends its process. Any other error is for whoever opens it.
    """
    if name.is_users:
        task = ChildCall(label=name.source, function=_tried, arguments=(name,))
        call(task, limits=limits or Limits(), users_place=users_place)


def _tried(name: NetworkName) -> None:
    """Open and trace a network; only want of memory is an error here."""
    with fresh_imports():
        try:
            announce(f"opening {name.text}")
            network = open_network(name)
            announce(f"tracing {name.text}")
            trace(network.module, network.example_inputs)
        except ConvwrightError as error:
            if (found := memory_error(error, name.text)) is not None:
                raise found from error


def stamps_of(files: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Return the time and size of those of the files that exist."""
    stats = {file: os.stat(file) for file in files if os.path.isfile(file)}
    return {file: (stat.st_mtime_ns, stat.st_size) for file, stat in stats.items()}
