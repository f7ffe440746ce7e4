"""Measured times in a terminal, and what they could be at best."""

from collections.abc import Mapping, Sequence

from rich.table import Table

from ... import units
from ...analysis.latency import Latency
from ...analysis.roofline import Roofline

_SLOWEST = 10


def latency_table(measured: Sequence[Latency]) -> Table:
    """A line for each way the network was run."""
    device = measured[0].device if measured else "this machine"
    table = Table(title=f"latency on {device}", title_justify="left", box=None, pad_edge=False)
    for title in ("batch", "precision", "mode"):
        table.add_column(title)
    for title in ("median", "a tenth below", "a tenth above", "images/s", "repeats"):
        table.add_column(title, justify="right")
    for row in measured:
        low, high = row.spread_seconds
        table.add_row(
            str(row.batch_size),
            row.precision,
            "compiled" if row.compiled else "eager",
            *(units.seconds(value) for value in (row.median_seconds, low, high)),
            f"{row.images_per_second:.1f}",
            str(len(row.seconds)),
        )
    return table


def module_times(times: Mapping[str, float]) -> Table:
    """The modules that take the longest, and their share."""
    total = sum(times.values()) or 1.0
    table = Table(title="slowest modules, batch 1, fp32", title_justify="left", box=None, pad_edge=False)
    table.add_column("module")
    table.add_column("median", justify="right")
    table.add_column("share", justify="right")
    for path, seconds in sorted(times.items(), key=lambda item: -item[1])[:_SLOWEST]:
        table.add_row(path or "(outside of modules)", units.seconds(seconds), units.percent(seconds / total))
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
