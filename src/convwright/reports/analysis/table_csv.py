"""The table of layers as CSV: exact values, one line for each module."""

import csv
import io
from typing import Any

from ...analysis.facts import Analysis
from .columns import ALL_COLUMNS
from .layers import TableChoice


def analysis_csv(analysis: Analysis, choice: TableChoice | None = None) -> str:
    """Return the lines and columns of a choice as CSV; the default is every column.

    Counts and bytes are plain integers, times are seconds, shapes are written `1x64x8x8`; what is not known is empty.
    `level` is the depth of a line in the module tree: lines of one level add up to their line above.
    """
    choice = choice or TableChoice()
    columns = choice.columns or tuple(
        column for column in ALL_COLUMNS.values() if choice.times or column.name != "latency"
    )
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["level", "layer", "path", *(column.name for column in columns)])
    for row in choice.rows(analysis):
        values = (_plain(row.values.get(column.name)) for column in columns)
        writer.writerow([row.level, row.name, row.paths[0], *values])
    return out.getvalue()


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return "x".join("" if each is None else f"{each:g}" for each in value)
    return "" if value is None else value
