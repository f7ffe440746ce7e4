"""Limits of a process that runs a user's file: the time of each step, and the memory."""

import importlib.util
import os
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import ConvwrightError, causes
from ..units import bytes_

DEFAULT_SECONDS = 10.0

_TORCH_WORDS = "DefaultCPUAllocator: can't allocate memory"
_limited_to_bytes = 0  # of this process; 0 while it has no limit


def free_memory() -> int:
    """Return the memory that new processes can have without swapping, in bytes; all of it outside Linux."""
    found = _kilobytes("/proc/meminfo", b"MemAvailable:")
    if found is None:
        has_pages = "SC_PHYS_PAGES" in getattr(os, "sysconf_names", {})
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if has_pages else 2**33
    return found


def delayed_seconds(pid: int) -> float:
    """Return how long a process was ready to run and had no core, so far; 0 where the kernel does not tell.

    Source: "Documentation/scheduler/sched-stats.rst" of Linux, the second field of /proc/PID/schedstat.
    """
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_bytes().split()[1]) / 1e9
    except (OSError, IndexError):
        return 0.0


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Limits of one process.

    Attributes
    ----------
    seconds : float
        Time that each step may take; see `announce`.
    memory_bytes : int
        Memory beyond what the process starts with; by default half of what is free.
    """

    seconds: float = DEFAULT_SECONDS
    memory_bytes: int = field(default_factory=lambda: free_memory() // 2)

    def limit_memory(self) -> None:
        """Let this process have no more memory than that, and write no core dump; for good.

        Python then raises a MemoryError, torch a RuntimeError. Limited is the data segment, on Linux only: it counts
        what can be written, while the address space counts gigabytes that torch maps and never touches.
        """
        global _limited_to_bytes
        if importlib.util.find_spec("resource") is None:
            return
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
        held = _kilobytes("/proc/self/status", b"VmData:")
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        if held is not None and (hard == resource.RLIM_INFINITY or held + self.memory_bytes < hard):
            resource.setrlimit(resource.RLIMIT_DATA, (held + self.memory_bytes, hard))
            _limited_to_bytes = self.memory_bytes


def is_of_memory(error: BaseException) -> bool:
    """Return True for an error that want of memory led to."""
    return any(isinstance(each, MemoryError) or _TORCH_WORDS in str(each) for each in causes(error))


def memory_error(error: BaseException, label: str) -> ConvwrightError | None:
    """Return the error for a file that wants more memory than this process may have; None for any other `error`."""
    if not is_of_memory(error) or not _limited_to_bytes:
        return None
    return ConvwrightError(
        f"{label} needs too much memory",
        expected=f"at most {bytes_(_limited_to_bytes)}",
        got=error.got if isinstance(error, ConvwrightError) else "",
        hint="raise --memory-limit if it is meant to",
    )


def _kilobytes(file: str, key: bytes) -> int | None:
    """Return a line of a file of the kernel, in bytes; None where there is none."""
    try:
        lines = Path(file).read_bytes().splitlines()
    except OSError:
        return None
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith(key)), None)
