"""How benchmarks/training.py times a loop that runs for ever in another process."""

import multiprocessing
import resource
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import torch


class Over(Exception):  # noqa: N818 - not an error
    """The measurement is over."""


class Clock:
    """Times steps when the other end of the pipe sends for how many seconds, until it sends None.

    Between, the loop stands still. After a stop some steps are left out, so that batches that workers made meanwhile
    do not count. At the end the peak of memory goes through the pipe.
    """

    def __init__(self, pipe: Connection, device: torch.device) -> None:
        self._pipe, self._device, self._before = pipe, device, memory(device)["process"]
        self._steps = self._timed()

    def step(self) -> None:
        """Note that a step is done."""
        next(self._steps)

    def _timed(self) -> Iterator[None]:
        self._pipe.send("ready")
        while (seconds := self._pipe.recv()) is not None:
            start, steps = time.perf_counter(), 0
            while steps == 0 or time.perf_counter() - start < seconds / 4:
                yield
                steps += 1
            start, steps = self._now(), 0
            while steps == 0 or time.perf_counter() - start < seconds:
                yield
                steps += 1
            self._pipe.send((steps, self._now() - start))
        self._pipe.send({**memory(self._device), "before": self._before})  # while the workers are there
        raise Over

    def _now(self) -> float:
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)
        return time.perf_counter()


def memory(device: torch.device) -> dict[str, int]:
    """Peak bytes of this process, of its workers what they share with nobody, and of the GPU."""
    lines = [
        line.split()
        for worker in multiprocessing.active_children()
        for line in Path(f"/proc/{worker.pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    ]
    workers = sum(int(line[1]) * 1024 for line in lines if line[0].startswith("Private_"))
    found = {"process": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, "workers": workers}
    return found | ({"device": torch.cuda.max_memory_allocated(device)} if device.type == "cuda" else {})
