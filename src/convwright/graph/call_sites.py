"""Source positions at which modules were constructed, to the column: noted while the model is being built."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import islice
from types import FrameType
from typing import Any
from weakref import WeakKeyDictionary

from torch import nn

from .module_tree import ModuleTree, unwrap
from .places import is_model_code, place_at
from .records import Place


@dataclass(frozen=True, kw_only=True, slots=True)
class CallSite:
    """The call expression that made a module: lines from 1, columns in bytes of UTF-8 from 0, the end excluded."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    @property
    def place(self) -> Place:
        """Line on which it starts."""
        return place_at(self.file, self.line)


class CallSites:
    """The call sites of modules built while `recorded_call_sites` was active."""

    def __init__(self) -> None:
        self._sites: WeakKeyDictionary[nn.Module, CallSite] = WeakKeyDictionary()

    def note(self, module: nn.Module, frame: FrameType | None) -> None:
        """Remember that `frame`, or the nearest caller that is not an initializer of `module`, made it."""
        while frame is not None and _first_argument(frame) is module:
            frame = frame.f_back
        # What torch builds inside its own modules has no line of the user's to show.
        if frame is None or not is_model_code(frame.f_code.co_filename):
            return
        line, end_line, column, end_column = next(islice(frame.f_code.co_positions(), frame.f_lasti // 2, None))
        if line is None or end_line is None or column is None or end_column is None:
            return
        self._sites[module] = CallSite(
            file=frame.f_code.co_filename, line=line, column=column, end_line=end_line, end_column=end_column
        )

    def of(self, model: nn.Module) -> dict[str, CallSite]:
        """Return the call site of every module of `model`, by every path of its graph, where known."""
        modules = ModuleTree(unwrap(model)).modules.values()
        return {path: self._sites[module] for module, paths in modules if module in self._sites for path in paths}


_RECORDING: ContextVar[CallSites | None] = ContextVar("call sites that are being recorded", default=None)


@contextmanager
def recorded_call_sites() -> Iterator[CallSites]:
    """While active, the construction of every `nn.Module` is noted; inside another recording, in that one.

    >>> with recorded_call_sites() as sites:
    ...     net = nn.Sequential(nn.Conv2d(3, 8, 3))
    >>> sorted(sites.of(net))
    ['', '0']
    """
    if (outer := _RECORDING.get()) is not None:
        yield outer
        return
    sites, initialize = CallSites(), nn.Module.__init__

    def noted(self: nn.Module, *args: Any, **kwargs: Any) -> None:
        initialize(self, *args, **kwargs)
        sites.note(self, sys._getframe(1))

    nn.Module.__init__ = noted  # type: ignore[method-assign]
    token = _RECORDING.set(sites)
    try:
        yield sites
    finally:
        _RECORDING.reset(token)
        nn.Module.__init__ = initialize  # type: ignore[method-assign]


def modules_by_site(sites: Mapping[str, CallSite]) -> dict[CallSite, list[str]]:
    """Return the paths of all modules that each call made."""
    found: dict[CallSite, list[str]] = {}
    for path, site in sites.items():
        found.setdefault(site, []).append(path)
    return found


def _first_argument(frame: FrameType) -> object:
    """Return the first argument of a call, `self` of an initializer; None without one."""
    return frame.f_locals.get(frame.f_code.co_varnames[0]) if frame.f_code.co_argcount else None
