"""Trials of a user's network in a process of its own: one that does not come back is not opened in this one."""

import os
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext

from ..child_process import ChildCall, Limits, announce, call, memory_error
from ..errors import ConvwrightError
from ..graph.trace import trace
from .inputs.network_input import NetworkInput
from .name import NetworkName
from .open import open_network
from .reading.file_import import fresh_imports, imported_files, users_place


class Trials:
    """Trials of one process: each state of the files once.

    Parameters
    ----------
    while_waiting : callable
        Returns a context that is entered while a trial runs.
    """

    def __init__(self, while_waiting: Callable[[], AbstractContextManager[object]] = nullcontext) -> None:
        self._while_waiting = while_waiting
        self._known: dict[str, tuple[dict[str, tuple[int, int]], ConvwrightError | None]] = {}

    def require(
        self, name: NetworkName, inputs: tuple[NetworkInput, ...] = (), limits: Limits | None = None
    ) -> dict[str, tuple[int, int]]:
        """Open and trace a user's network in a process of its own, unless that was done with the files as they are.

        Returns
        -------
        dict of str to tuple of int
            Time and size of each of its files; nothing for a network that is not the user's.

        Raises
        ------
        ConvwrightError
            When it does not come back within the limits, or ends its process. Any other error is for whoever opens it.
        """
        if not name.is_users:
            return {}
        key = f"{name} {inputs}"
        stamps, error = self._known.get(key, ({}, None))
        if not stamps or stamps != _stamped(stamps):
            task = ChildCall(label=name.source, function=_tried, arguments=(name, inputs))
            stamps, error = _stamped([name.source]), None
            try:
                with self._while_waiting():
                    stamps = call(task, limits=limits or Limits(), users_place=users_place)
            except ConvwrightError as raised:
                error = raised
            self._known[key] = stamps, error
        if error is not None:
            raise error
        return stamps


def _tried(name: NetworkName, inputs: tuple[NetworkInput, ...]) -> dict[str, tuple[int, int]]:
    """Open and trace a network, and return the stamps of its files; only want of memory is an error here."""
    with fresh_imports():
        try:
            announce(f"opening {name.text}")
            network = open_network(name).with_inputs(inputs)
            announce(f"tracing {name.text}")
            trace(network.module, network.example_inputs)
        except ConvwrightError as error:
            if (found := memory_error(error, name.text)) is not None:
                raise found from error
        return _stamped([name.source, *imported_files()])


def _stamped(files: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Return the time and size of those of the files that exist."""
    stats = {file: os.stat(file) for file in files if os.path.isfile(file)}
    return {file: (stat.st_mtime_ns, stat.st_size) for file, stat in stats.items()}
