"""Several workers on this machine: processes that divide its cores, or its GPUs, and end with whoever started them."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import NamedTuple

import torch

from ..errors import ConvwrightError
from .crew import STOP_SECONDS, Crew
from .ledger import Ledger
from .plan import Plan
from .worker import Worker, new_token, worker_name


class _Hand(NamedTuple):
    """A process at work."""

    name: str
    process: SpawnProcess
    says: Connection


class Hands(Crew[_Hand]):
    """A crew of processes.

    Parameters
    ----------
    plan, ledger, number
        See `Crew`.
    address : str or Path
        Of the ledger; each process opens it for itself.
    folder : Path
        Of the runs.
    device : str
        As `train` takes it; on GPUs, the processes take turns in choosing one.
    """

    def __init__(
        self, plan: Plan, address: str | Path, ledger: Ledger, folder: Path, *, number: int, device: str
    ) -> None:
        super().__init__(plan, ledger, number=number)
        self._address, self._folder, self._device, self._num_started = address, folder, device, 0
        self._context = multiprocessing.get_context("spawn")

    def _start(self) -> tuple[str, _Hand]:
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
        hand = _Hand(worker_name(process.pid or 0, token), process, says)
        return hand.name, hand

    def _ended(self, hands: Mapping[str, _Hand]) -> list[str]:
        ended = wait([hand.process.sentinel for hand in hands.values()])
        return [name for name, hand in hands.items() if hand.process.sentinel in ended]

    def _was_lost(self, hand: _Hand) -> bool:
        hand.process.join()
        code = hand.process.exitcode or 0
        if code == 1:
            raise _last_words(hand)
        return code < 0

    def _stop(self, hands: Mapping[str, _Hand]) -> None:
        for hand in hands.values():
            hand.process.terminate()
        for name, hand in hands.items():
            hand.process.join(STOP_SECONDS)
            if hand.process.is_alive():
                hand.process.kill()
                hand.process.join()
                self._ledger.bury(name)


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
