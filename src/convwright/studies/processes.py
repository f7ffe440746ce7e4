"""Several workers on this machine: processes that divide its cores, or its GPUs, and end with whoever started them."""

import multiprocessing
import os
import pickle
import signal
import sys
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import NamedTuple

import torch

from ..errors import ConvwrightError
from .ledger import Ledger
from .plan import Plan
from .worker import Worker, new_token, worker_name

_STOP_SECONDS = 60.0  # for the step under way and its checkpoint


class _Hand(NamedTuple):
    """A process at work."""

    name: str
    process: SpawnProcess
    says: Connection


class Hands:
    """So many processes that work on a plan.

    Parameters
    ----------
    plan : Plan
        What is to be done.
    address : str or Path
        Of the ledger; each process opens it for itself.
    ledger : Ledger
        The same one, open here.
    folder : Path
        Of the runs.
    number : int
        Of processes.
    device : str
        As `train` takes it; on GPUs, the processes take turns in choosing one.
    """

    def __init__(
        self, plan: Plan, address: str | Path, ledger: Ledger, folder: Path, *, number: int, device: str
    ) -> None:
        self._plan, self._address, self._ledger, self._folder = plan, address, ledger, folder
        self._number, self._device, self._num_started = number, device, 0
        self._context = multiprocessing.get_context("spawn")
        self._hands: list[_Hand] = []
        try:
            pickle.dumps(plan)
        except Exception as error:
            hint = "define the functions of its arms and measures at the top of a module, or use one worker"
            raise ConvwrightError(
                f"study {plan.study.name!r} cannot go to another process: {error}", hint=hint
            ) from error

    def work(self) -> None:
        """Return when no job of the plan is open, or every process was told to stop.

        A process that is killed is replaced, and its job continued. Ctrl-C stops all of them, each with a checkpoint.

        Raises
        ------
        ConvwrightError
            When one could not go on, the ledger being out of reach, say.
        """
        try:
            for _ in range(min(self._number, self._num_open())):
                self._start()
            while self._hands:
                ended = wait([hand.process.sentinel for hand in self._hands])
                for hand in [hand for hand in self._hands if hand.process.sentinel in ended]:
                    self._see_off(hand)
        finally:
            self._stop()

    def _start(self) -> None:
        token, (says, told) = new_token(), self._context.Pipe(duplex=False)
        threads = max(_num_cores() // self._number, 1)
        process = self._context.Process(
            target=_main,
            args=(self._plan, self._address, self._ledger.stale_seconds, self._folder, self._device, token, threads,
                  _gpu_of(self._num_started), os.getpid(), told),
            daemon=True,
        )  # fmt: skip
        process.start()
        told.close()
        self._num_started += 1
        self._hands.append(_Hand(worker_name(process.pid or 0, token), process, says))

    def _see_off(self, hand: _Hand) -> None:
        self._hands.remove(hand)
        hand.process.join()
        code = hand.process.exitcode or 0
        if code == 1:
            raise _last_words(hand)
        if code < 0:
            self._ledger.bury(hand.name)
            if self._num_open():
                self._start()

    def _num_open(self) -> int:
        return sum(entry.is_open for entry in self._ledger.entries(self._plan.fingerprints))

    def _stop(self) -> None:
        for hand in self._hands:
            hand.process.terminate()
        for hand in self._hands:
            hand.process.join(_STOP_SECONDS)
            if hand.process.is_alive():
                hand.process.kill()
                hand.process.join()
                self._ledger.bury(hand.name)
        self._hands = []


def _main(
    plan: Plan, address: str | Path, stale_seconds: float, folder: Path, device: str, token: str, num_threads: int,
    gpu: str | None, parent: int, told: Connection,
) -> None:  # fmt: skip
    """What a process does: work until there is nothing left, or it is told to stop, or its parent is gone."""
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it too, and decides
    signal.signal(signal.SIGTERM, stop)
    torch.set_num_threads(num_threads)
    if gpu is not None:
        os.environ["CUDA_VISIBLE_DEVICES"] = gpu
    try:
        with Ledger(address, stale_seconds=stale_seconds) as ledger:
            Worker(
                plan, ledger, folder, device=device, name=worker_name(os.getpid(), token), parent=parent,
                is_told_to_stop=lambda: stopping or os.getppid() != parent,
            ).work()  # fmt: skip
    except KeyboardInterrupt:  # noted by a training under way
        sys.exit(128 + signal.SIGINT)
    except ConvwrightError as error:
        told.send(error)
        sys.exit(1)


def _last_words(hand: _Hand) -> ConvwrightError:
    try:
        error: ConvwrightError = hand.says.recv()
    except EOFError:
        return ConvwrightError(f"worker {hand.name} broke off", hint="its traceback is above; the same command goes on")
    return error


def _num_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _gpu_of(number: int) -> str | None:
    """The GPU of the process with this number: each gets one, several may share it."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    gpus = visible.split(",") if visible else [str(index) for index in range(torch.cuda.device_count())]
    return gpus[number % len(gpus)] if gpus else None
