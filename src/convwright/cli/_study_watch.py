"""Progress of a study: one live table of all jobs in a terminal, a line for each finished job elsewhere."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.live import Live

from .. import units
from ..studies.remaining_time import RemainingTime
from ._live import live_or_plain
from ._tables import plain_table

if TYPE_CHECKING:
    from ..studies import JobEntry, Plan
    from ..studies.runner import StudyWatch


def watching(plan: "Plan", console: Console | None = None) -> AbstractContextManager["StudyWatch"]:
    """Return the watch for `run_plan`; the table is removed afterwards."""
    console = console or Console()
    watcher = _StudyWatcher(plan, console)
    live = Live(console=console, transient=True, refresh_per_second=4)
    return live_or_plain(
        console, live, in_terminal=lambda entries: live.update(watcher.table(entries)), elsewhere=watcher.plain
    )


class _StudyWatcher:
    def __init__(self, plan: "Plan", console: Console) -> None:
        self._plan, self._console, self._remaining = plan, console, RemainingTime(plan)
        self._has_begun = False
        self._told: set[str] = set()

    def plain(self, entries: Sequence["JobEntry"]) -> None:
        """Print a line for each job that has ended since the last call, and one for all that had ended before."""
        ended = [each for each in entries if not each.is_open and each.fingerprint not in self._told]
        is_first, self._has_begun = not self._has_begun, True
        self._told |= {each.fingerprint for each in ended}
        far = self._far(entries)
        if is_first:
            if ended:
                self._console.print(f"{len(ended)} of {len(entries)} runs were done before", highlight=False)
            return
        for each in ended:
            came = "failed" if each.state == "failed" else f"{self._metric} {_shown(each)}"
            self._console.print(f"{each.arm}, seed {each.seed}: {came} ({far})", highlight=False)

    def table(self, entries: Sequence["JobEntry"]) -> Group:
        """Return a table with one row per arm and one cell per seed, and below it how much is left."""
        table = plain_table()
        seeds = sorted({entry.seed for entry in entries})
        table.add_column(self._plan.study.name)
        for seed in seeds:
            table.add_column(f"seed {seed}", justify="right", no_wrap=True)
        cells = {(entry.arm, entry.seed): _cell(entry) for entry in entries}
        for arm in self._plan.arms:
            table.add_row(arm.name, *(cells.get((arm.name, seed), "") for seed in seeds))
        return Group(table, f"{self._far(entries)}; {self._metric} of those that are done")

    def _far(self, entries: Sequence["JobEntry"]) -> str:
        left, num_ended = self._remaining.seconds_left(entries), sum(not entry.is_open for entry in entries)
        return f"{num_ended} of {len(entries)} runs" + (f", about {units.seconds(left)} left" if left else "")

    @property
    def _metric(self) -> str:
        return self._plan.study.metric.replace("_", " ")


def _shown(entry: "JobEntry") -> str:
    return "not a number" if entry.value is None else f"{entry.value:.4g}"


def _cell(entry: "JobEntry") -> str:
    if entry.state == "done":
        return _shown(entry)
    if entry.state == "claimed":
        return f"[cyan]{entry.step / entry.num_steps:.0%}[/cyan]"
    return "[red]failed[/red]" if entry.state == "failed" else "-"
