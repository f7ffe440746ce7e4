"""Record of a training, from recipe to result, and the files of a run's folder."""

import csv
import io
import json
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import torch

from ..files import write
from .evaluate import Evaluation
from .layer_group_report import LayerGroupRow
from .precision import Numerics, machine
from .recipe import Recipe


@dataclass(frozen=True, kw_only=True)
class EpochMetrics:
    """One epoch, a row of metrics.csv.

    Attributes
    ----------
    epoch, step : int
        Finished epochs and optimizer steps, this one included.
    lr : float
        Learning rate of its last step.
    train_loss, train_accuracy : float
        Means over its batches, augmented and smoothed, of the weights as they were then.
    validation_loss, validation_accuracy : float or None
        Metrics of the weights at its end, averaged if the recipe averages; None without validation images.
    seconds : float
        It took, validation left out.
    images_per_second : float
        Speed of training.
    """

    epoch: int
    step: int
    lr: float
    train_loss: float
    train_accuracy: float
    validation_loss: float | None
    validation_accuracy: float | None
    seconds: float
    images_per_second: float


@dataclass(frozen=True, kw_only=True, eq=False)
class RunRecord:
    """One training, from what went in to what came out.

    Attributes
    ----------
    recipe : Recipe
        Recipe as it was asked for.
    numerics : Numerics
        Precision and memory format that it ran in.
    data, model, environment : dict
        Plain values that identify them.
    epochs : tuple of EpochMetrics
        All of them: the last one counts.
    test : Evaluation
        Result on the test images, which are used for nothing else and once.
    notes : tuple of str
        Notes for readers, such as a first loss far from ln(classes) or a damaged checkpoint.
    layer_groups : tuple of LayerGroupRow
        Frozen layer groups and the learning rates of the others; empty if everything was trained alike.
    """

    recipe: Recipe
    numerics: Numerics
    data: dict[str, Any]
    model: dict[str, Any]
    environment: dict[str, Any]
    epochs: tuple[EpochMetrics, ...]
    test: Evaluation
    notes: tuple[str, ...] = ()
    layer_groups: tuple[LayerGroupRow, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Everything, as plain values."""
        return {
            "recipe": self.recipe.to_dict(),
            "numerics": asdict(self.numerics),
            "data": self.data,
            "model": self.model,
            "environment": self.environment,
            "epochs": [asdict(each) for each in self.epochs],
            "test": self.test.to_dict(),
            "notes": list(self.notes),
            "layer_groups": [asdict(row) for row in self.layer_groups],
        }


def environment(device: torch.device, num_processes: int) -> dict[str, Any]:
    """Versions and machine: what else has to be the same for the same numbers."""
    from .. import __version__

    return {
        "convwright": __version__,
        "torch": torch.__version__,
        "python": platform.python_version(),
        "machine": machine(device),
        "num_processes": num_processes,
    }


def write_metrics(folder: Path, epochs: Sequence[EpochMetrics]) -> None:
    """Write metrics.csv, all rows of it: a resumed run so drops those of epochs that it repeats."""
    page = io.StringIO()
    table = csv.DictWriter(page, [each.name for each in fields(EpochMetrics)], lineterminator="\n")
    table.writeheader()
    table.writerows(asdict(each) for each in epochs)
    write(folder / "metrics.csv", page.getvalue())


def write_record(folder: Path, record: RunRecord) -> None:
    """Write record.json."""
    write(folder / "record.json", json.dumps(record.to_dict(), indent=1) + "\n")
