"""`run_study`: plan, prove, work off, and return what came out."""

import contextlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ..errors import ConvwrightError, require_at_least
from .ledger import STALE_SECONDS, JobEntry, Ledger
from .plan import Job, Plan, Source, make_plan
from .process_pool import ProcessPool
from .ray_pool import work_on_ray
from .result import StudyResult, study_result
from .study import Study
from .worker import StudyWork, Worker, new_token, worker_name

FOLDER = Path("convwright-studies")
_LOOK_SECONDS = 0.5

StudyWatch = Callable[[Sequence[JobEntry]], None]


def run_study(
    study: Study,
    *,
    budget: str = "quick",
    data: Source | None = None,
    seeds: int | None = None,
    arms: Sequence[str] | None = None,
    overrides: Sequence[str] = (),
    folder: Path = FOLDER,
    ledger: str | Path | None = None,
    workers: int | None = None,
    ray: str | None = None,
    device: str = "auto",
    watch: StudyWatch | None = None,
) -> StudyResult:
    """Train every arm of a study at every seed, but for what a ledger says is done.

    Parameters
    ----------
    budget, data, seeds, arms, overrides
        See `make_plan`.
    folder, ledger, workers, ray, device, watch
        See `run_plan`.

    Raises
    ------
    ConvwrightError
        Before anything trains, for what `make_plan` refuses and a ledger that cannot be opened and written.
    """
    plan = make_plan(study, budget=budget, data=data, seeds=seeds, arms=arms, overrides=overrides)
    return run_plan(plan, folder=folder, ledger=ledger, workers=workers, ray=ray, device=device, watch=watch)


def run_plan(
    plan: Plan,
    *,
    folder: Path = FOLDER,
    ledger: str | Path | None = None,
    workers: int | None = None,
    ray: str | None = None,
    device: str = "auto",
    stale_seconds: float = STALE_SECONDS,
    watch: StudyWatch | None = None,
) -> StudyResult:
    """Work off a plan, together with whoever else works on it; one run that fails does not stop the others.

    Parameters
    ----------
    folder : Path
        Gets a folder for each run.
    ledger : str or Path, optional
        A file, or `postgresql://user@host/database`; `ledger.db` in the folder when left out.
    workers : int, optional
        Processes that divide the cores, or share the GPUs; a single one is this process. When left out, one; on Ray, as
        many as there is room for.
    ray : str, optional
        HOST:PORT of a Ray cluster, or `auto`: the one that this machine is part of, else one of its own. Several
        machines have to share this directory and the folder, and a ledger of PostgreSQL.
    device : str
        As `train` takes it.
    stale_seconds : float
        Time without a sign of life after which a worker, of whatever machine, counts as dead.
    watch : callable
        Called twice a second with all jobs of the plan, by a thread.
    """
    require_at_least("workers", 1 if workers is None else workers, 1)
    _require_writable(folder)
    address = ledger or folder / "ledger.db"
    task = StudyWork(plan=plan, folder=folder, ledger=address, device=device, stale_seconds=stale_seconds)
    with task.open_ledger() as opened:
        opened.add([_entry_of(job, plan) for job in plan.jobs])
        with _watched(opened, plan, watch):
            if ray is not None:
                work_on_ray(task, opened, cluster=ray, workers=workers)
            elif workers in (None, 1):
                Worker(task, opened, name=worker_name(os.getpid(), new_token())).work()
            else:
                ProcessPool(task, opened, num_workers=workers).work()
        return known_result(plan, opened)


def known_result(plan: Plan, ledger: Ledger) -> StudyResult:
    """Return what a ledger holds of a plan, which may not have come to its end."""
    return study_result(plan, ledger.entries(plan.fingerprints), ledger.results(plan.fingerprints))


def _entry_of(job: Job, plan: Plan) -> JobEntry:
    return JobEntry(
        fingerprint=job.fingerprint,
        study=plan.study.name,
        budget=plan.budget,
        arm=job.arm.name,
        seed=job.seed,
        num_steps=job.num_steps,
    )


def _require_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        problem = f"folder {folder} cannot be made ({error.strerror})"
        raise ConvwrightError(problem, hint="choose another --run") from error
    if not os.access(folder, os.W_OK):
        raise ConvwrightError(f"folder {folder} cannot be written", hint="choose another --run")


@contextlib.contextmanager
def _watched(ledger: Ledger, plan: Plan, watch: StudyWatch | None) -> Iterator[None]:
    if watch is None:
        yield
        return
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            with contextlib.suppress(ConvwrightError):  # out of reach for now: the workers say so, if it stays so
                watch(ledger.entries(plan.fingerprints))
            over.wait(_LOOK_SECONDS)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    watch(ledger.entries(plan.fingerprints))
