"""A worker: claims a job, trains it where it was left, measures, and keeps the result in the ledger."""

import math
import shutil
import socket
import time
import traceback
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ..data import ImageData
from ..errors import ConvwrightError
from ..graph.modes import in_mode
from ..training import train
from ..training.progress import Watch
from ..training.resume import CHECKPOINTS
from .heartbeat import Heartbeat, LostJob
from .ledger import STALE_SECONDS, JobEntry, Ledger
from .plan import Job, Plan
from .study import TEST_ACCURACY

POLL_SECONDS = 0.5


def worker_name(process: int, token: str) -> str:
    """Return a name that no other worker has: machine, process, and a random part, as process ids come again."""
    return f"{socket.gethostname()}:{process}:{token}"


def new_token() -> str:
    """Return a random part of a name."""
    return uuid.uuid4().hex[:8]


def run_folder(folder: Path, plan: Plan, job: Job) -> Path:
    """Return the folder of a run's checkpoints and files."""
    return folder / "runs" / plan.study.name / f"{job.arm.name}-{job.seed}-{job.fingerprint[:8]}"


@dataclass(frozen=True, kw_only=True)
class StudyWork:
    """Part in a plan, with all that a worker of any process needs for it.

    Attributes
    ----------
    plan : Plan
    folder : Path
        Gets a folder for each run.
    ledger : str or Path
        Address of the ledger, which each process opens for itself.
    device : str
        As `train` takes it.
    stale_seconds : float
        See `Ledger`.
    """

    plan: Plan
    folder: Path
    ledger: str | Path
    device: str = "auto"
    stale_seconds: float = STALE_SECONDS

    def open_ledger(self) -> Ledger:
        """Return the ledger, opened."""
        return Ledger(self.ledger, stale_seconds=self.stale_seconds)

    def open_jobs(self, ledger: Ledger) -> list[JobEntry]:
        """Return the jobs of the plan that are neither done nor failed."""
        return [entry for entry in ledger.entries(self.plan.fingerprints) if entry.is_open]


class Worker:
    """One process's part in a plan.

    Parameters
    ----------
    task : StudyWork
        The plan, its ledger and folder.
    ledger : Ledger
        Its ledger, opened.
    name : str
        Name that no other worker has.
    parent : int or None
        Process that started this one to work for it.
    is_told_to_stop : callable
        Asked between jobs.
    """

    def __init__(
        self,
        task: StudyWork,
        ledger: Ledger,
        *,
        name: str,
        parent: int | None = None,
        is_told_to_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self.task, self.plan, self.ledger, self.name = task, task.plan, ledger, name
        self._parent, self._is_told_to_stop = parent, is_told_to_stop
        self._data: ImageData | None = None

    def work(self) -> None:
        """Run jobs until none of the plan is open, those that others have included: they might die."""
        while not self._is_told_to_stop():
            fingerprint = self.ledger.claim(self.name, self.plan.fingerprints)
            if fingerprint is not None:
                self._run(self.plan.job(fingerprint))
            elif self.task.open_jobs(self.ledger):
                time.sleep(POLL_SECONDS)
            else:
                return

    def _run(self, job: Job) -> None:
        try:
            with Heartbeat(self.ledger, self.name, job.fingerprint, parent=self._parent) as heartbeat:
                result = self._result(job, heartbeat.watch)
        except LostJob:
            return
        except Exception as error:  # of this run; the others go on
            said = str(error) if isinstance(error, ConvwrightError) else "".join(traceback.format_exception(error))
            self.ledger.fail(self.name, job.fingerprint, said)
            return
        except BaseException:
            self.ledger.release(self.name)
            raise
        value = result["values"][self.plan.study.metric]
        if self.ledger.finish(self.name, job.fingerprint, result, value=value):
            # The result is safe, and weights.safetensors has the weights: nothing will go on from these.
            shutil.rmtree(run_folder(self.task.folder, self.plan, job) / CHECKPOINTS, ignore_errors=True)

    def _result(self, job: Job, watch: Watch) -> dict[str, Any]:
        data = self._data = self._data or self.plan.load()
        model = self.plan.build(job.arm, seed=job.seed)
        values = self._measured(model, data, before=True)
        folder = run_folder(self.task.folder, self.plan, job)
        record = train(model, data, job.recipe, folder=folder, resume=True, device=self.task.device, watch=watch)
        values |= {TEST_ACCURACY: record.test.accuracy, **self._measured(model, data, before=False)}
        return {
            "values": {name: values[name] for name in self.plan.study.value_names},
            "costs": job.arm.costs.to_dict(),
            "record": record.to_dict(),
        }

    def _measured(self, model: nn.Module, data: ImageData, *, before: bool) -> dict[str, float]:
        found = {}
        for measure in self.plan.study.measures:
            if before and not measure.before:
                continue
            with in_mode(model, training=False), torch.no_grad():
                value = float(measure.function(model, data))
            if not math.isfinite(value):  # it would spoil every mean that it goes into
                raise ConvwrightError(f"measure {measure.name}", expected="a finite number", got=str(value))
            found[measure.names[0 if before else -1]] = value
        return found
