"""Sheets of the reports as tables of a terminal."""

from collections.abc import Sequence

from rich.table import Table

from ..reports.sheet import Sheet
from ..reports.to_text import fitting_columns


def table_of_sheet(sheet: Sheet, shown: Sequence[int] | None = None) -> Table:
    """Return a table of the columns of a sheet that are `shown`, or of all."""
    columns = range(len(sheet.titles)) if shown is None else shown
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(sheet.titles[column], justify="right" if column in sheet.right else "left")
    for line in sheet.lines:
        table.add_row(*(line[column] for column in columns))
    return table


def fitting_table(sheet: Sheet, width: int, dispensable: Sequence[str]) -> Table:
    """Return a table of a sheet without those of the `dispensable` columns that do not fit into `width`."""
    return table_of_sheet(sheet, fitting_columns(sheet.titles, sheet.lines, width, dispensable=dispensable))
