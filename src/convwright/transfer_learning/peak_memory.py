"""Peak memory of a block of code."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

from ..files import read_text

_STATUS, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass(kw_only=True)
class Peak:
    """Measured peak, once the block is over.

    Attributes
    ----------
    bytes : int or None
        On a GPU what torch had allocated there; on a CPU what the process held beyond what it held before, of data and
        code alike. None where the system does not tell.
    """

    bytes: int | None = None


@contextmanager
def peak_memory(device: torch.device) -> Iterator[Peak]:
    """Measure the peak of a block.

    >>> with peak_memory(torch.device("cpu")) as peak:
    ...     held = torch.ones(2**22)
    >>> peak.bytes is None or peak.bytes > 2**23
    True
    """
    peak = Peak()
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        yield peak
        peak.bytes = torch.cuda.max_memory_allocated(device)
        return
    before = _resident("VmRSS") if _restarted() else None
    yield peak
    highest = _resident("VmHWM")
    if before is not None and highest is not None:
        peak.bytes = max(highest - before, 0)


def _restarted() -> bool:
    """Let the system forget the process's highest mark so far; only Linux has one that can be."""
    try:
        _RESET.write_text("5")
    except OSError:
        return False
    return True


def _resident(field: str) -> int | None:
    try:
        lines = read_text(_STATUS).splitlines()
    except OSError:
        return None
    found = [line.split()[1] for line in lines if line.startswith(f"{field}:")]
    return 1024 * int(found[0]) if found else None
