"""Progress of a comparison of strategies: live bars in a terminal, a line for each finished run elsewhere."""

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from rich.console import Console

from .. import units
from ..reports.transfer.tables import layer_group_sheet, share_words
from ..training.progress import StepReport
from ..transfer_learning.outcome import Outcome
from ..transfer_learning.runner import FeatureProgress, StartedRun
from ._live import live_or_plain, progress_bars
from ._tables import table_of_sheet

if TYPE_CHECKING:
    from ..training import LayerGroupRow
    from ..transfer_learning.runner import TransferEvent, TransferWatch


def watching(console: Console | None = None) -> AbstractContextManager["TransferWatch"]:
    """Return the watch for `transfer`; the bars are removed afterwards."""
    console = console or Console()
    watcher = _TransferWatcher(console)
    return live_or_plain(console, watcher.bars, in_terminal=watcher.show, elsewhere=watcher.tell)


class _TransferWatcher:
    def __init__(self, console: Console) -> None:
        self._console = console
        self.bars = progress_bars(console)
        self._runs = self.bars.add_task("runs", total=None)
        self._now = self.bars.add_task("starting", total=None)
        self._current: StartedRun | None = None
        self._has_told_layer_groups = False

    def tell(self, event: "TransferEvent") -> None:
        """Print a line for what has ended, and once the learning rates and what is frozen."""
        if isinstance(event, StartedRun):
            self._current = event
        elif isinstance(event, FeatureProgress):
            if event.done == event.number:
                self._console.print(f"features of {event.number:,} images", highlight=False)
        elif isinstance(event, tuple):
            self._tell_layer_groups(event)
        elif isinstance(event, Outcome):
            self._console.print(self._line(event), highlight=False)

    def show(self, event: "TransferEvent") -> None:
        """Print the same, above bars of what is going on."""
        self.tell(event)
        if isinstance(event, StartedRun):
            self.bars.update(self._runs, total=event.number, completed=event.place - 1)
            self.bars.reset(self._now, description=_named(event), total=None)
        elif isinstance(event, FeatureProgress):
            self.bars.update(self._now, description="features", total=event.number, completed=event.done)
        elif isinstance(event, StepReport) and self._current:
            words = f"{_named(self._current)}, epoch {event.epoch}/{event.num_epochs}"
            self.bars.update(self._now, description=words, total=event.num_steps, completed=event.step)

    def _tell_layer_groups(self, rows: "tuple[LayerGroupRow, ...]") -> None:
        if not self._has_told_layer_groups:
            self._console.print("\nWhat learns, and how fast, where the network itself is trained:")
            self._console.print(table_of_sheet(layer_group_sheet(rows)), "")
        self._has_told_layer_groups = True

    def _line(self, outcome: Outcome) -> str:
        current, seconds = self._current, outcome.result.cost.training_seconds
        place = f"{current.place} of {current.number}: " if current else ""
        of_images = "" if outcome.share == 1 else f", {outcome.num_images:,} images"
        validated, tested = (share_words(outcome.accuracy(split)) for split in ("validation", "test"))
        return (
            f"{place}{outcome.strategy}, seed {outcome.seed}{of_images}: "
            f"validation {validated} %, test {tested} %, {units.seconds(seconds)}"
        )


def _named(begun: StartedRun) -> str:
    share = "" if begun.share == 1 else f", {100 * begun.share:g} % of the images"
    return f"{begun.strategy}, seed {begun.seed}{share}"
