"""Source line that is running: that of the nearest frame that is neither torch's, Python's nor the tracer's."""

import os
import sys
import sysconfig
from functools import lru_cache
from types import FrameType, TracebackType

import torch

from .cells import cell_line
from .records import Place

_HERE = os.path.join(os.path.dirname(__file__), "")
# Rooms that call the model or its factory, as no line of the model's own code does.
_CALLERS = (_HERE, os.path.join(os.path.dirname(os.path.dirname(__file__)), "networks", ""))
_TORCH = os.path.join(os.path.dirname(torch.__file__), "")
_STDLIB = os.path.join(sysconfig.get_path("stdlib"), "")
_SITE = os.path.join(_STDLIB, "site-packages", "")
_KERNELS = tuple(os.path.join(_TORCH, name) for name in ("_prims", "_refs", "_decomp", "_meta_registrations"))
# The frame that called the model: whatever lies outside it is not the model's.
_ENTRY = os.path.join(_HERE, "trace.py")


def called_by_a_kernel() -> bool:
    """Return True if one of torch's meta kernels called, which they do here only for an op that was not seen."""
    return sys._getframe(3).f_code.co_filename.startswith(_KERNELS)


def calling_place() -> Place | None:
    """Return the line that led to the call being recorded; None when only torch ran between it and the model's call."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        file = frame.f_code.co_filename
        if _MODEL_FILES[file]:
            return place_at(file, frame.f_lineno)
        if file == _ENTRY:
            return None
        frame = frame.f_back
    return None


def raising_place(traceback: TracebackType | None) -> Place | None:
    """Return the user's line nearest to where an exception was raised."""
    place = None
    while traceback is not None:
        file = traceback.tb_frame.f_code.co_filename
        if is_model_code(file):
            place = place_at(file, traceback.tb_lineno)
        traceback = traceback.tb_next
    return place


def is_model_code(file: str) -> bool:
    """Return True if a file belongs to the model's code, be it the user's or a library's built on torch."""
    return _MODEL_FILES[file]


class _ModelFiles(dict[str, bool]):
    """Cache of `is_model_code`: a look-up costs a third of a call, and every op asks for half a dozen frames."""

    def __missing__(self, file: str) -> bool:
        is_torchs = file.startswith((*_CALLERS, _TORCH, "<frozen"))
        self[file] = not is_torchs and (not file.startswith(_STDLIB) or file.startswith(_SITE))
        return self[file]


_MODEL_FILES = _ModelFiles()


@lru_cache(maxsize=65536)
def place_at(file: str, line: int) -> Place:
    """Return a line of Python source as a place; one of a notebook as it was read last."""
    return Place(file=file, line=line, cell=cell_line(file, line))
