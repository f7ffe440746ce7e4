"""Several workers on this machine: processes that divide its cores, or its GPUs, and end with whoever started them."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import NamedTuple

import torch

from ..errors import ConvwrightError
from .ledger import Ledger
from .worker import StudyWork, Worker, new_token, worker_name
from .worker_pool import STOP_SECONDS, WorkerPool


class _WorkerProcess(NamedTuple):
    """A process at work."""

    name: str
    process: SpawnProcess
    errors: Connection


class ProcessPool(WorkerPool[_WorkerProcess]):
    """Pool of processes on this machine; see `WorkerPool`. On GPUs, each process gets one, in turns."""

    def __init__(self, task: StudyWork, ledger: Ledger, *, num_workers: int) -> None:
        super().__init__(task, ledger, num_workers=num_workers)
        self._num_started = 0
        self._context = multiprocessing.get_context("spawn")

    def _start(self) -> tuple[str, _WorkerProcess]:
        token, (errors, sender) = new_token(), self._context.Pipe(duplex=False)
        num_cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        num_threads = max(num_cores // self._num_workers, 1)
        given = (self._task, token, num_threads, _gpu_of(self._num_started), os.getpid(), sender)
        process = self._context.Process(target=_main, args=given, daemon=True)
        process.start()
        sender.close()
        self._num_started += 1
        worker = _WorkerProcess(worker_name(process.pid or 0, token), process, errors)
        return worker.name, worker

    def _ended(self, workers: Mapping[str, _WorkerProcess]) -> list[str]:
        ended = wait([worker.process.sentinel for worker in workers.values()])
        return [name for name, worker in workers.items() if worker.process.sentinel in ended]

    def _was_lost(self, worker: _WorkerProcess) -> bool:
        worker.process.join()
        code = worker.process.exitcode or 0
        if code == 1:
            try:
                error: ConvwrightError = worker.errors.recv()
            except EOFError:
                hint = "its traceback is above; the same command goes on"
                error = ConvwrightError(f"worker {worker.name} broke off", hint=hint)
            raise error
        return code < 0

    def _stop(self, workers: Mapping[str, _WorkerProcess]) -> None:
        for worker in workers.values():
            worker.process.terminate()
        for name, worker in workers.items():
            worker.process.join(STOP_SECONDS)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
                self._ledger.bury(name)


def _main(task: StudyWork, token: str, num_threads: int, gpu: str | None, parent: int, errors: Connection) -> None:
    """Work until there is nothing left, or until told to stop, or until the parent is gone."""
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    def is_over() -> bool:
        return stopping or os.getppid() != parent

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it too, and decides
    signal.signal(signal.SIGTERM, stop)
    torch.set_num_threads(num_threads)
    if gpu is not None:
        os.environ["CUDA_VISIBLE_DEVICES"] = gpu
    try:
        with task.open_ledger() as ledger:
            name = worker_name(os.getpid(), token)
            Worker(task, ledger, name=name, parent=parent, is_told_to_stop=is_over).work()
    except KeyboardInterrupt:  # noted by a training under way
        sys.exit(128 + signal.SIGINT)
    except ConvwrightError as error:
        errors.send(error)
        sys.exit(1)


def _gpu_of(number: int) -> str | None:
    """Return the GPU of the process with this number: each gets one, several may share it."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    gpus = visible.split(",") if visible else [str(index) for index in range(torch.cuda.device_count())]
    return gpus[number % len(gpus)] if gpus else None
