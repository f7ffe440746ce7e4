"""Pool of workers in processes of their own; one that is lost is replaced."""

import pickle
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

from ..errors import ConvwrightError
from .ledger import Ledger
from .worker import StudyWork

STOP_SECONDS = 60.0  # for the step under way and its checkpoint

WorkerT = TypeVar("WorkerT")


class WorkerPool(ABC, Generic[WorkerT]):
    """Workers that work on a plan; where they run, and what is kept of each, is up to the kind of pool.

    Parameters
    ----------
    task : StudyWork
        The plan, its ledger and folder.
    ledger : Ledger
        Its ledger, opened.
    num_workers : int

    Raises
    ------
    ConvwrightError
        When the plan cannot go to another process.
    """

    def __init__(self, task: StudyWork, ledger: Ledger, *, num_workers: int) -> None:
        self._task, self._ledger, self._num_workers = task, ledger, num_workers
        self._workers: dict[str, WorkerT] = {}
        try:
            pickle.dumps(task.plan)
        except Exception as error:
            hint = "define the functions of its arms and measures at the top of a module, or use one worker"
            problem = f"study {task.plan.study.name!r} cannot go to another process: {error}"
            raise ConvwrightError(problem, hint=hint) from error

    def work(self) -> None:
        """Return when no job of the plan is open, or every worker was told to stop.

        A worker that is lost is replaced, and its job continued. Ctrl-C stops all of them, each with a checkpoint.

        Raises
        ------
        ConvwrightError
            When one could not go on, the ledger being out of reach, say.
        """
        try:
            for _ in range(min(self._num_workers, len(self._task.open_jobs(self._ledger)))):
                self._add_worker()
            while self._workers:
                for name in self._ended(self._workers):
                    if self._was_lost(self._workers.pop(name)):
                        self._ledger.bury(name)
                        if self._task.open_jobs(self._ledger):
                            self._add_worker()
        finally:
            self._stop(self._workers)

    def _add_worker(self) -> None:
        name, worker = self._start()
        self._workers[name] = worker

    @abstractmethod
    def _start(self) -> tuple[str, WorkerT]:
        """Start a worker; return its name in the ledger, and what is kept of it."""

    @abstractmethod
    def _ended(self, workers: Mapping[str, WorkerT]) -> Sequence[str]:
        """Wait until a worker has ended; return the names of those that have."""

    @abstractmethod
    def _was_lost(self, worker: WorkerT) -> bool:
        """Return True if a worker that has ended was killed; raise the error that it could not go on with."""

    @abstractmethod
    def _stop(self, workers: Mapping[str, WorkerT]) -> None:
        """Stop the workers that are left, and release their jobs."""
