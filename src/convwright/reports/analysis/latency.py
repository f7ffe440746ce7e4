"""Measured times in a terminal and as JSON, and what they could be at best."""

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from ... import units
from ...analysis.latency import Latency, spread
from ...analysis.module_latency import ModuleTimes
from ...analysis.roofline import Roofline

_SLOWEST = 10


@dataclass(frozen=True, kw_only=True)
class LatencyReport:
    """Everything that was timed of a network.

    Attributes
    ----------
    measured : tuple of Latency
        Whole passes, each followed by the same in channels-last memory where that was measured.
    modules : ModuleTimes or None
        Times of its modules.
    best : Roofline or None
        The bound of the machine.
    problems : tuple of str
        Reasons why something was not measured.
    """

    measured: tuple[Latency, ...] = ()
    modules: ModuleTimes | None = None
    best: Roofline | None = None
    problems: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The times as plain values."""
        return {
            "measured": [each.to_dict() for each in self.measured],
            "modules": self.modules.to_dict() if self.modules else None,
            "roofline": asdict(self.best) if self.best else None,
            "problems": list(self.problems),
        }

    def shown(self) -> list[RenderableType]:
        """The times as tables for a terminal."""
        found: list[RenderableType] = [Text(f"not measured: {each}", style="yellow") for each in self.problems]
        if self.measured:
            found.append(latency_table(self.measured))
        if self.modules:
            found.append(module_times(self.modules))
        if self.best:
            found.append(Text(roofline_note(self.best, self.measured[0] if self.measured else None), style="dim"))
        return found


def latency_table(measured: Sequence[Latency]) -> Table:
    """A line for each way the network was run, and how much faster it is in channels-last memory."""
    device = measured[0].device if measured else "this machine"
    table = Table(title=f"latency on {device}", title_justify="left", box=None, pad_edge=False)
    for title in ("batch", "precision", "run as"):
        table.add_column(title, no_wrap=True)
    for title in ("median", "10 % to 90 %", "images/s", "gain"):
        table.add_column(title, justify="right", no_wrap=True)
    plain: dict[tuple[int, str], Latency] = {}
    for row in measured:
        run = row.batch_size, row.precision
        plain.setdefault(run, row)
        table.add_row(
            str(row.batch_size),
            row.precision,
            "compiled" if row.compiled else "channels last" if row.channels_last else "it is",
            units.seconds(row.median_seconds),
            spread_words(row.seconds),
            f"{row.images_per_second:.1f}",
            "" if row is plain[run] else f"{plain[run].median_seconds / row.median_seconds:.2f}x",
        )
    return table


def spread_words(seconds: Sequence[float]) -> str:
    """Return the repeats that a tenth were faster than, and a tenth slower, as text.

    >>> spread_words([0.010, 0.011]), spread_words([0.0005, 0.002])
    ('10.0 to 11.0 ms', '500 us to 2.00 ms')
    """
    low, high = map(units.seconds, spread(seconds))
    number, _, unit = low.rpartition(" ")
    return f"{number if high.endswith(f' {unit}') else low} to {high}"


def module_times(times: ModuleTimes) -> Table:
    """The modules that take the longest without those inside them, and their share."""
    total = times.medians[""] or 1.0
    title = f"slowest modules by themselves, batch {times.batch_size}, {times.precision}"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("module")
    for name in ("median", "10 % to 90 %", "share"):
        table.add_column(name, justify="right")
    medians = {path: statistics.median(seconds) for path, seconds in times.own_seconds.items()}
    for path, median in sorted(medians.items(), key=lambda item: -item[1])[:_SLOWEST]:
        words = units.seconds(median), spread_words(times.own_seconds[path]), units.percent(median / total)
        table.add_row(path or "(outside of modules)", *words)
    return table


def roofline_note(best: Roofline, measured: Latency | None) -> str:
    """Say why a network of few MACs may be slow."""
    text = (
        f"Roofline: {best.macs_per_byte:.1f} MACs a byte. At this machine's best (fp32) no run is faster than "
        f"{units.seconds(best.bound_seconds)}: the MACs alone take {units.seconds(best.compute_seconds)}, "
        f"the bytes alone {units.seconds(best.movement_seconds)}; "
        f"{units.percent(best.memory_bound_share)} of that bound waits for memory, not for arithmetic."
    )
    if measured and best.bound_seconds:
        text += f" Measured: {measured.median_seconds / best.bound_seconds:.1f} times the bound."
    return text
