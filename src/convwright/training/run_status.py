"""Status file of a run: other processes read it to see how far the run is and why it failed."""

import contextlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from torch import Tensor

from ..errors import ConvwrightError
from ..extras import needs_extra
from ..files import read_text, remove_unfinished, write
from .progress import StepReport, Watch
from .record import EpochMetrics

with needs_extra("train"):
    from filelock import FileLock, Timeout

_FILE, _EARLIER_FILE, _LOCK = "status.json", "trail.json", ".running"
_LOOK_SECONDS = 0.5  # between two readings of the loss, for which a GPU has to be waited
_MOST_LOSSES = 240
_PATIENCE_SECONDS = 2.0  # of a run that begins while somebody asks whether one does


@dataclass(frozen=True, kw_only=True)
class RunStatus:
    """Progress of a run, as its process wrote it last; kept when another process resumes the run.

    Attributes
    ----------
    step, num_steps, epoch, num_epochs : int
        Steps done and their number, the running epoch from 1 and the number of epochs.
    first_step : int
        First step of the process that wrote this.
    seconds : float
        Time from that step to the last one.
    losses : tuple of (int, float)
        Steps, each with the mean loss since the one before; in longer runs the mean is over more steps.
    error : str
        Reason why the run failed; "" if it did not.
    """

    step: int = 0
    num_steps: int = 0
    epoch: int = 0
    num_epochs: int = 0
    first_step: int = 0
    seconds: float = 0.0
    losses: tuple[tuple[int, float], ...] = ()
    error: str = ""

    @property
    def seconds_left(self) -> float | None:
        """Seconds to the end at the speed so far; None before the second step.

        >>> RunStatus(step=30, num_steps=90, first_step=10, seconds=5.0).seconds_left
        15.0
        """
        done = self.step - self.first_step
        return (self.num_steps - self.step) * self.seconds / done if done > 0 and self.seconds > 0 else None


def read_run_status(folder: Path) -> RunStatus | None:
    """Read the status of the run in `folder`; None if there is none that can be read."""
    name = _FILE if (folder / _FILE).exists() else _EARLIER_FILE
    try:
        values = json.loads(read_text(folder / name))
        losses = tuple((int(step), float(loss)) for step, loss in values.pop("losses"))
        return RunStatus(**values, losses=losses)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def is_running(folder: Path) -> bool:
    """Return True while a process trains in `folder`; one that was killed does not."""
    if not (folder / _LOCK).exists():
        return False
    try:
        with FileLock(folder / _LOCK, timeout=0):
            return False
    except Timeout:
        return True
    except OSError:
        return False


@contextlib.contextmanager
def writing_run_status(folder: Path) -> Iterator[Watch]:
    """Yield a watch for `train` that writes the status; no other process may train in the folder meanwhile.

    Raises
    ------
    ConvwrightError
        If another process trains there.
    """
    writer = _StatusWriter(folder)
    with _occupied(folder):
        try:
            yield writer.watch
        except Exception as error:
            writer.fail(str(error) if isinstance(error, ConvwrightError) else f"{type(error).__name__}: {error}")
            raise
        finally:
            writer.write()


@contextlib.contextmanager
def _occupied(folder: Path) -> Iterator[None]:
    if int(os.environ.get("RANK", os.environ.get("LOCAL_RANK", "0"))):
        yield  # the first of several processes does it for all
        return
    lock = FileLock(folder / _LOCK, timeout=_PATIENCE_SECONDS)
    try:
        lock.acquire()
    except Timeout as error:
        raise ConvwrightError(f"another process trains in {folder}", hint="choose another --run, or wait") from error
    try:
        remove_unfinished(folder)  # by a process that was killed
        yield
    finally:
        lock.release()


class _StatusWriter:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._status = read_run_status(folder) or RunStatus()
        self._is_old = any((folder / name).exists() for name in (_FILE, _EARLIER_FILE))
        self._since: float | None = None
        self._looked = 0.0
        self._sum: Tensor | float = 0.0
        self._num_steps = 0

    def watch(self, report: StepReport | EpochMetrics) -> None:
        if isinstance(report, EpochMetrics):
            return
        if self._since is None:
            self._begin(report)
        self._sum, self._num_steps = self._sum + report.loss.detach(), self._num_steps + 1
        now = time.monotonic()
        if now - self._looked >= _LOOK_SECONDS or report.step == report.num_steps:
            self._looked = now
            self._look(report, now)

    def fail(self, error: str) -> None:
        """Write the reason, unless only the attempt to resume an existing run failed."""
        if self._since is not None or not self._is_old:
            self._status = replace(self._status, error=error)
            self._since = self._since or time.monotonic()

    def write(self) -> None:
        if self._since is None:
            return
        # A training must not fail for its status: the next checkpoint tells of a full disk.
        with contextlib.suppress(ConvwrightError):
            write(self._folder / _FILE, json.dumps(asdict(self._status)) + "\n")

    def _begin(self, report: StepReport) -> None:
        first = report.step - 1
        self._since = self._looked = time.monotonic()
        losses = tuple((step, loss) for step, loss in self._status.losses if step <= first)
        self._status = RunStatus(first_step=report.step, losses=losses)

    def _look(self, report: StepReport, now: float) -> None:
        loss = float(self._sum) / self._num_steps
        self._sum, self._num_steps = 0.0, 0
        self._status = replace(
            self._status,
            step=report.step,
            num_steps=report.num_steps,
            epoch=report.epoch,
            num_epochs=report.num_epochs,
            seconds=now - (self._since or now),
            losses=_thinned((*self._status.losses, (report.step, loss))),
        )
        self.write()


def _thinned(losses: tuple[tuple[int, float], ...]) -> tuple[tuple[int, float], ...]:
    """Return at most `_MOST_LOSSES` entries: pairs become their mean at the later step."""
    if len(losses) <= _MOST_LOSSES:
        return losses
    pairs = zip(losses[::2], losses[1::2], strict=False)
    odd = losses[-1:] if len(losses) % 2 else ()
    return (*((later[0], (first[1] + later[1]) / 2) for first, later in pairs), *odd)
