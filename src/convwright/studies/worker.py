"""A worker: claims a job, trains it where it was left, measures, and keeps the result in the ledger."""

import math
import shutil
import socket
import time
import traceback
import uuid
from collections.abc import Callable
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
from .ledger import Ledger
from .plan import Job, Plan
from .study import TEST_ACCURACY

POLL_SECONDS = 0.5


def worker_name(process: int, token: str) -> str:
    """A name that no other worker has: machine, process, and something random, as process ids come again."""
    return f"{socket.gethostname()}:{process}:{token}"


def new_token() -> str:
    """Something random for a name."""
    return uuid.uuid4().hex[:8]


def run_folder(folder: Path, plan: Plan, job: Job) -> Path:
    """Where the checkpoints and files of a run are."""
    return folder / "runs" / plan.study.name / f"{job.arm}-{job.seed}-{job.fingerprint[:8]}"


class Worker:
    """One process's part in a plan.

    Parameters
    ----------
    plan : Plan
        What is to be done.
    ledger : Ledger
        What is known of it.
    folder : Path
        Gets a folder for each run.
    device : str
        As `train` takes it.
    name : str
        Of the worker; no other may have it.
    parent : int or None
        Process that started this one to work for it.
    is_told_to_stop : callable
        Asked between jobs.
    """

    def __init__(
        self, plan: Plan, ledger: Ledger, folder: Path, *, device: str, name: str, parent: int | None = None,
        is_told_to_stop: Callable[[], bool] = lambda: False,
    ) -> None:  # fmt: skip
        self.plan, self.ledger, self.folder, self.device = plan, ledger, folder, device
        self.name, self._parent, self._is_told_to_stop = name, parent, is_told_to_stop
        self._data: ImageData | None = None

    def work(self) -> None:
        """Do jobs until none of the plan is open, those that others have included: they might die."""
        while not self._is_told_to_stop():
            fingerprint = self.ledger.claim(self.name, self.plan.fingerprints)
            if fingerprint is not None:
                self._do(self.plan.job(fingerprint))
            elif any(entry.is_open for entry in self.ledger.entries(self.plan.fingerprints)):
                time.sleep(POLL_SECONDS)
            else:
                return

    def _do(self, job: Job) -> None:
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
            shutil.rmtree(run_folder(self.folder, self.plan, job) / CHECKPOINTS, ignore_errors=True)

    def _result(self, job: Job, watch: Watch) -> dict[str, Any]:
        data = self._data = self._data or self.plan.load()
        arm = self.plan.study.arm(job.arm)
        model = arm.build(num_classes=data.num_classes, in_channels=data.image_shape[0], seed=job.seed)
        values = self._measured(model, data, before=True)
        folder = run_folder(self.folder, self.plan, job)
        record = train(model, data, job.recipe, folder=folder, resume=True, device=self.device, watch=watch)
        values |= {TEST_ACCURACY: record.test.accuracy, **self._measured(model, data, before=False)}
        return {
            "values": {name: values[name] for name in self.plan.study.value_names},
            "costs": self.plan.costs[job.arm].to_dict(),
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
