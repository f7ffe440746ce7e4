"""Reads of `module.training` during a trace: without any, train mode and eval mode run the same ops."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, get_ident
from typing import Any

from torch import nn

_NORMS = ("torch.nn.modules.batchnorm", "torch.nn.modules.instancenorm")
_DROPPING = {"torch.nn.modules.dropout": "p", "torch.nn.modules.rnn": "dropout"}


class ModeReads:
    """Answer to the question whether code read the mode of a module, and could act on it.

    torch's own batch norms do not count: in both modes they are one op with one argument that differs. Nor do dropouts
    that drop nothing.

    Attributes
    ----------
    acted : bool
        True once such code was seen.
    """

    def __init__(self) -> None:
        self.acted = False
        self._thread = get_ident()

    def note(self, module: nn.Module, reader: str) -> None:
        """Note that code of the Python module `reader` asked for the mode of `module`."""
        is_harmless = reader in _NORMS or (reader in _DROPPING and not getattr(module, _DROPPING[reader], True))
        self.acted = self.acted or not (is_harmless or get_ident() != self._thread)


class _WatchedTraining:
    """Descriptor in front of the attribute `training` of every module."""

    def __init__(self) -> None:
        self.watchers: list[ModeReads] = []

    def __get__(self, module: nn.Module | None, owner: type) -> Any:
        if module is None:
            return self
        reader = sys._getframe(1).f_globals.get("__name__", "")
        for watcher in self.watchers:
            watcher.note(module, reader)
        own = vars(module)
        return own["training"] if "training" in own else module.__getattr__("training")

    def __set__(self, module: nn.Module, mode: bool) -> None:
        vars(module)["training"] = mode

    def __delete__(self, module: nn.Module) -> None:
        del vars(module)["training"]


_watched, _lock = _WatchedTraining(), Lock()


@contextmanager
def mode_reads() -> Iterator[ModeReads]:
    """Watch who reads the mode of a module.

    >>> net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8)).eval()
    >>> with mode_reads() as reads:
    ...     net[0].training, reads.acted
    (False, True)
    """
    reads = ModeReads()
    with _lock:
        _watched.watchers.append(reads)
        type.__setattr__(nn.Module, "training", _watched)  # of the class: no module changes its mode
    try:
        yield reads
    finally:
        with _lock:
            _watched.watchers.remove(reads)
            if not _watched.watchers:
                del nn.Module.training
