"""A training as its folder has it: its specification, progress and results."""

import csv
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from ...errors import ConvwrightError
from ...files import read_text
from ...training import Recipe
from ...training.run_folder import WEIGHTS, RunSpec, read_spec
from ...training.run_status import RunStatus, is_running, read_run_status

RUNNING, FINISHED, STOPPED, FAILED = "running", "finished", "stopped", "failed"
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, eq=False)
class Training:
    """A run as its folder has it.

    Attributes
    ----------
    spec : RunSpec
        What is trained, on what.
    state : {"running", "finished", "stopped", "failed"}
        Where it is.
    recipe : Recipe or None
        How; None before the first step.
    run_status : RunStatus or None
        What it said of itself last.
    epochs : tuple of mapping
        The rows of metrics.csv, as numbers; without what a row does not say.
    record : mapping or None
        Of a finished run.
    """

    spec: RunSpec
    state: str
    recipe: Recipe | None
    run_status: RunStatus | None
    epochs: tuple[Mapping[str, float], ...]
    record: Mapping[str, Any] | None

    @property
    def done(self) -> float:
        """Share of its steps."""
        if self.state == FINISHED:
            return 1.0
        if self.run_status and self.run_status.num_steps:
            return self.run_status.step / self.run_status.num_steps
        total = self.recipe.epochs if self.recipe else None
        return min(1.0, len(self.epochs) / total) if total else 0.0

    @property
    def seconds_left(self) -> float | None:
        """At the speed so far, while it runs."""
        return self.run_status.seconds_left if self.run_status and self.state == RUNNING else None

    @property
    def accuracy(self) -> tuple[str, float] | None:
        """On the test images of a finished run, else the best on validation images so far; None before."""
        if self.record:
            return "test", float(self.record["test"]["accuracy"])
        found = [row["validation_accuracy"] for row in self.epochs if "validation_accuracy" in row]
        return ("validation, best", max(found)) if found else None

    @property
    def epoch_steps(self) -> float:
        """Steps of an epoch, as far as can be told."""
        if self.epochs:
            return self.epochs[0]["step"] / self.epochs[0]["epoch"]
        status = self.run_status
        return status.num_steps / status.num_epochs if status and status.num_epochs else 0.0


def look_at(folder: Path) -> Training:
    """Read the training in a folder.

    Raises
    ------
    ConvwrightError
        When there is none, or what says what it is is damaged.
    """
    spec, run_status = read_spec(folder), read_run_status(folder)
    record = _kept(folder / "record.json", _record) if (folder / WEIGHTS).is_file() else None
    return Training(
        spec=spec,
        state=_state(folder, run_status, is_whole=record is not None),
        recipe=_kept(folder / "recipe.toml", Recipe.read),
        run_status=run_status,
        epochs=_kept(folder / "metrics.csv", _epochs) or (),
        record=record,
    )


def _state(folder: Path, run_status: RunStatus | None, *, is_whole: bool) -> str:
    if is_whole:
        return FINISHED
    if is_running(folder):
        return RUNNING
    return FAILED if run_status and run_status.error else STOPPED


def _kept(path: Path, read: Callable[[Path], T]) -> T | None:
    """Read a file and keep the result until the file changes; None if it is missing or damaged."""
    try:
        stat = path.stat()
        found: T = _read_once(path, stat.st_mtime_ns, stat.st_size, read)
        return found
    except (OSError, ValueError, TypeError, KeyError, ConvwrightError):
        return None


@lru_cache(maxsize=512)
def _read_once(path: Path, _changed: int, _size: int, read: Callable[[Path], Any]) -> Any:
    return read(path)


def _record(path: Path) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(read_text(path))
    float(found["test"]["accuracy"])
    return found


def _epochs(path: Path) -> tuple[Mapping[str, float], ...]:
    rows = csv.DictReader(read_text(path).splitlines())
    return tuple({name: float(text) for name, text in row.items() if text} for row in rows)
