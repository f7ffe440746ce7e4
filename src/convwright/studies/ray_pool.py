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
from .ledger import Ledger
from .resources import WorkerResources, resources_for
from .worker import StudyWork, Worker, new_token
from .worker_pool import STOP_SECONDS, WorkerPool

_REACH_SECONDS = 10.0


def work_on_ray(task: StudyWork, ledger: Ledger, *, cluster: str, workers: int | None) -> None:
    """Work off a plan on a Ray cluster; each worker is a Ray task that runs jobs until none is open.

    Parameters
    ----------
    task, ledger
        See `WorkerPool`; every machine has to see the folder, and reach the ledger.
    cluster : str
        HOST:PORT of the cluster's head; `auto` for the cluster that this machine is part of, or where there is none,
        one of its own that ends with the study.
    workers : int or None
        Number of workers; None for as many as the cluster has room for.

    Raises
    ------
    ConvwrightError
        When Ray is not installed, the cluster cannot be reached or has no machine with what a run needs, or when its
        machines cannot share the ledger; and as `WorkerPool.work`.
    """
    ray = _imported()
    num_open = len(task.open_jobs(ledger))
    if not num_open:
        return
    with _connected(ray, cluster):
        nodes = [node for node in ray.nodes() if node["Alive"]]
        _require_shared(ledger, {node["NodeManagerHostname"] for node in nodes})
        machines = [node["Resources"] for node in nodes]
        resources = resources_for(task.plan, machines, workers=workers, num_open=num_open, device=task.device)
        _RayPool(ray, task, ledger, num_workers=workers or num_open, resources=resources).work()


class _RayPool(WorkerPool[Any]):
    """Pool of Ray tasks, of which Ray starts as many at once as there is room for."""

    def __init__(
        self, ray: ModuleType, task: StudyWork, ledger: Ledger, *, num_workers: int, resources: WorkerResources
    ) -> None:
        super().__init__(task, ledger, num_workers=num_workers)
        self._ray, self._sent, self._num_threads = ray, ray.put(task), resources.num_cpus
        self._remote = ray.remote(_main).options(
            num_cpus=resources.num_cpus,
            num_gpus=resources.num_gpus,
            memory=resources.memory_bytes,
            max_retries=0,  # under the same name, it would wait for itself to count as dead
        )

    def _start(self) -> tuple[str, Any]:
        name = f"ray:{new_token()}"
        return name, self._remote.remote(self._sent, Path.cwd(), name, self._num_threads)

    def _ended(self, workers: Mapping[str, Any]) -> list[str]:
        ended, _ = self._ray.wait(list(workers.values()))
        return [name for name, task in workers.items() if task in ended]

    def _was_lost(self, worker: Any) -> bool:
        broken = self._ray.exceptions
        try:
            error = self._ray.get(worker)
        except (broken.NodeDiedError, broken.WorkerCrashedError, broken.LocalRayletDiedError, broken.OutOfMemoryError):
            return True
        except broken.RayError as unforeseen:
            reason = getattr(unforeseen, "cause", None) or unforeseen
            hint = "every machine needs the same convwright, and the modules of the study"
            raise ConvwrightError(f"a worker on Ray broke off: {reason!r}", hint=hint) from unforeseen
        if error is not None:
            raise error
        return False

    def _stop(self, workers: Mapping[str, Any]) -> None:
        tasks = list(workers.values())
        for task in tasks:
            self._ray.cancel(task)
        if tasks:
            _, deaf = self._ray.wait(tasks, num_returns=len(tasks), timeout=STOP_SECONDS)
            for task in deaf:
                self._ray.cancel(task, force=True)
        for name in workers:
            self._ledger.release(name)  # by now a no-op, unless one was stopped between its claim and its first step


def _main(task: StudyWork, start: Path, name: str, num_threads: int) -> ConvwrightError | None:
    """Work as a Ray task; return the error that it could not go on with, since Ray wraps what is raised."""
    torch.set_num_threads(num_threads)
    try:
        for each in (start, start / task.folder):
            if not each.is_dir():
                hint = "all machines of a cluster need to see the folder of the runs, and that of the command"
                raise ConvwrightError(f"folder {each} is not here", hint=hint)
        os.chdir(start)  # what relative paths of data, ledger and folder are relative to
        with task.open_ledger() as ledger:
            Worker(task, ledger, name=name).work()
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
    """Connect to a cluster; a connection that was there before stays as it is."""
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
    """Refuse an unreachable address at once: Ray itself tries for minutes, and says nothing that helps."""
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
        problem = f"ledger {ledger.name} of a cluster of {len(hosts)} machines"
        hint = "--ledger postgresql://user@host/database"
        raise ConvwrightError(problem, expected="a server that all of them reach", got="a file", hint=hint)
