"""Progress of a training: a live line in a terminal, one plain line per epoch elsewhere."""

import time
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from rich.console import Console

from .. import units
from ._live import live_or_plain, progress_bars

if TYPE_CHECKING:
    from ..training.progress import StepReport, Watch
    from ..training.recipe import Recipe
    from ..training.record import EpochMetrics

_LOOK_SECONDS = 0.2  # between two looks at the loss, which a GPU has to be waited for


def watching(recipe: "Recipe", console: Console | None = None) -> AbstractContextManager["Watch"]:
    """Return the watch for `train`; the bar is removed afterwards."""
    console = console or Console()
    watcher = _TrainingWatcher(recipe, console)
    return live_or_plain(console, watcher.bar, in_terminal=watcher.live, elsewhere=watcher.plain)


class _TrainingWatcher:
    def __init__(self, recipe: "Recipe", console: Console) -> None:
        self._lr, self._console = recipe.optimizer.lr, console
        self.bar = progress_bars(console)
        self._task = self.bar.add_task("starting", total=None)
        self._looked, self._images = time.monotonic(), 0

    def plain(self, report: "StepReport | EpochMetrics") -> None:
        """Print one line per epoch."""
        if not _is_step(report):
            self._console.print(_line(report), highlight=False)  # type: ignore[arg-type]

    def live(self, report: "StepReport | EpochMetrics") -> None:
        """Show the bar, with one line per epoch above it."""
        if not _is_step(report):
            self.plain(report)
            return
        self._images += report.num_images  # type: ignore[union-attr]
        now = time.monotonic()
        if now - self._looked >= _LOOK_SECONDS:
            self._show(report, self._images / (now - self._looked))  # type: ignore[arg-type]
            self._looked, self._images = now, 0

    def _show(self, step: "StepReport", speed: float) -> None:
        words = f"epoch {step.epoch}/{step.num_epochs}  loss {step.loss.item():.3f}  lr {self._lr * step.lr_factor:.3g}"
        self.bar.update(
            self._task, description=f"{words}  {speed:,.0f} images/s", total=step.num_steps, completed=step.step
        )


def _is_step(report: "StepReport | EpochMetrics") -> bool:
    return hasattr(report, "num_steps")


def _line(epoch: "EpochMetrics") -> str:
    line = f"epoch {epoch.epoch:>3}  loss {epoch.train_loss:.3f}  train {epoch.train_accuracy:6.2%}"
    if epoch.validation_accuracy is not None:
        line += f"  validation {epoch.validation_accuracy:6.2%}"
    return f"{line}  {epoch.images_per_second:,.0f} images/s  {units.seconds(epoch.seconds)}"
