"""Several machines: workers that are tasks of a Ray cluster, and share a folder and a ledger."""

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from ..errors import ConvwrightError
from ..extras import needs_extra
from .crew import STOP_SECONDS, Crew
from .ledger import Ledger
from .needs import Needs, needs_of
from .plan import Plan
from .worker import Worker, new_token

_REACH_SECONDS = 10.0


def work_on_ray(
    plan: Plan, address: str | Path, ledger: Ledger, folder: Path, *, cluster: str, workers: int | None, device: str
) -> None:
    """Work off a plan on a Ray cluster; each worker is a task that does jobs until none is open.

    Parameters
    ----------
    plan, ledger, folder, device
        See `Hands`; every machine has to see the folder.
    address : str or Path
        Of the ledger; each worker opens it for itself.
    cluster : str
        HOST:PORT of the cluster's head; `auto` for the cluster that this machine is part of, or where there is none,
        one of its own that ends with the study.
    workers : int or None
        How many; None for as many as the cluster has room for.

    Raises
    ------
    ConvwrightError
        When Ray is not installed, the cluster cannot be reached or has no machine with what a run needs, or when its
        machines cannot share the ledger; and as `Crew.work`.
    """
    ray = _imported()
    num_open = sum(entry.is_open for entry in ledger.entries(plan.fingerprints))
    if not num_open:
        return
    with _connected(ray, cluster):
        nodes = [node for node in ray.nodes() if node["Alive"]]
        _require_shared(ledger, {node["NodeManagerHostname"] for node in nodes})
        needs = needs_of(plan, [node["Resources"] for node in nodes], workers=workers, num_open=num_open, device=device)
        _RayCrew(
            ray, plan, address, ledger, folder, number=workers or num_open, needs=needs, device=device
        ).work()  # fmt: skip


class _RayCrew(Crew[Any]):
    """A crew of tasks, of which Ray starts as many at once as there is room for."""

    def __init__(
        self, ray: ModuleType, plan: Plan, address: str | Path, ledger: Ledger, folder: Path, *, number: int,
        needs: Needs, device: str,
    ) -> None:  # fmt: skip
        super().__init__(plan, ledger, number=number)
        self._ray, self._sent, self._num_threads = ray, ray.put(plan), needs.num_cpus
        self._place = (address, ledger.stale_seconds, folder, Path.cwd(), device)
        self._task = ray.remote(_main).options(
            num_cpus=needs.num_cpus, num_gpus=needs.num_gpus, memory=needs.memory_bytes,
            max_retries=0,  # under the same name, it would wait for itself to count as dead
        )  # fmt: skip

    def _start(self) -> tuple[str, Any]:
        name = f"ray:{new_token()}"
        return name, self._task.remote(self._sent, *self._place, name, self._num_threads)

    def _ended(self, hands: Mapping[str, Any]) -> list[str]:
        ended, _ = self._ray.wait(list(hands.values()))
        return [name for name, task in hands.items() if task in ended]

    def _was_lost(self, hand: Any) -> bool:
        broken = self._ray.exceptions
        try:
            error = self._ray.get(hand)
        except (broken.NodeDiedError, broken.WorkerCrashedError, broken.LocalRayletDiedError, broken.OutOfMemoryError):
            return True
        except broken.RayError as unforeseen:
            reason = getattr(unforeseen, "cause", None) or unforeseen
            hint = "every machine needs the same convwright, and the modules of the study"
            raise ConvwrightError(f"a worker on Ray broke off: {reason!r}", hint=hint) from unforeseen
        if error is not None:
            raise error
        return False

    def _stop(self, hands: Mapping[str, Any]) -> None:
        tasks = list(hands.values())
        for task in tasks:
            self._ray.cancel(task)
        if tasks:
            _, deaf = self._ray.wait(tasks, num_returns=len(tasks), timeout=STOP_SECONDS)
            for task in deaf:
                self._ray.cancel(task, force=True)
        for name in hands:
            self._ledger.release(name)  # by now a no-op, unless one was stopped between its claim and its first step


def _main(
    plan: Plan, address: str | Path, stale_seconds: float, folder: Path, start: Path, device: str, name: str,
    num_threads: int,
) -> ConvwrightError | None:  # fmt: skip
    """What a task does; what it could not go on with is returned, since Ray wraps what is raised."""
    torch.set_num_threads(num_threads)
    try:
        for each in (start, start / folder):
            if not each.is_dir():
                hint = "all machines of a cluster need to see the folder of the runs, and that of the command"
                raise ConvwrightError(f"folder {each} is not here", hint=hint)
        os.chdir(start)  # what relative paths of data, ledger and folder are relative to
        with Ledger(address, stale_seconds=stale_seconds) as ledger:
            Worker(plan, ledger, folder, device=device, name=name).work()
    except ConvwrightError as error:
        return ConvwrightError(f"on machine {socket.gethostname()}: {error}")
    return None


def _imported() -> ModuleType:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    with needs_extra("ray"):
        import ray
    return ray


@contextmanager
def _connected(ray: ModuleType, cluster: str) -> Iterator[None]:
    """Leaves a connection that was there before as it is."""
    if ray.is_initialized():
        yield
        return
    address = (os.environ.get("RAY_ADDRESS") if cluster == "auto" else cluster) or None
    if address is not None:
        _require_reachable(address)
    try:
        ray.init(address, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    except Exception as error:  # of whatever kind Ray chose; the text of a cause begins with its traceback
        reason = str(error.__cause__).splitlines()[-1] if error.__cause__ else error
        raise ConvwrightError(f"Ray cluster {address or 'here'}: {reason}") from error
    try:
        yield
    finally:
        ray.shutdown()


def _require_reachable(address: str) -> None:
    """Ray itself tries for minutes, and says nothing that helps."""
    if address.startswith("ray://"):
        hint = "run the command on a machine of the cluster, by hand or with `ray job submit`"
        raise ConvwrightError(f"Ray cluster {address}", expected="HOST:PORT of its head, or auto", hint=hint)
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_REACH_SECONDS).close()
    except (OSError, ValueError, OverflowError) as error:
        hint = "`ray start --head` says it; `--ray` alone finds the cluster of this machine, or starts one"
        raise ConvwrightError(
            f"no Ray cluster at {address} ({error})", expected="HOST:PORT of its head, or auto", hint=hint
        ) from error


def _require_shared(ledger: Ledger, hosts: set[str]) -> None:
    if ledger.is_file and len(hosts) > 1:
        raise ConvwrightError(
            f"ledger {ledger.name} of a cluster of {len(hosts)} machines",
            expected="a server that all of them reach", got="a file", hint="--ledger postgresql://user@host/database",
        )  # fmt: skip
