"""A worker's signs of life: written by a thread, so that a long step does not look like a death."""

import os
import signal
import threading
from types import TracebackType
from typing import Self

from ..errors import ConvwrightError
from ..training import EpochMetrics
from ..training.progress import StepReport
from .ledger import Ledger

BEAT_SECONDS = 1.0


class LostJob(Exception):  # noqa: N818 (nothing went wrong here: somebody else does it)
    """The job was given to another worker, since this one seemed dead."""


class Heartbeat:
    """While inside, the ledger hears of a job's worker every second.

    Parameters
    ----------
    ledger : Ledger
        Ledger of the job.
    worker, fingerprint : str
        Worker that has the job, and the job.
    parent : int or None
        Process that started the worker: when it is gone, so is the reason to go on, and the worker is told to stop.
    """

    def __init__(self, ledger: Ledger, worker: str, fingerprint: str, *, parent: int | None = None) -> None:
        self._ledger, self._worker, self._fingerprint, self._parent = ledger, worker, fingerprint, parent
        self._step, self._is_ours = 0, True
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def watch(self, report: StepReport | EpochMetrics) -> None:
        """Note the step; raise `LostJob` when the job is no longer ours. `train` calls it after every step."""
        self._step = report.step
        if not self._is_ours:
            raise LostJob

    def _beat(self) -> None:
        while not self._over.wait(BEAT_SECONDS):
            if self._parent is not None and os.getppid() != self._parent:
                os.kill(os.getpid(), signal.SIGTERM)
                return
            try:
                self._is_ours = self._ledger.beat(self._worker, self._fingerprint, self._step)
            except ConvwrightError:  # busy, or out of reach for now: the training goes on, and whoever finishes it sees
                continue
