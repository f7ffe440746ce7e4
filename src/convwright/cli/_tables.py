"""Tables of a terminal, without lines; those of the reports' sheets among them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.table import Table

if TYPE_CHECKING:
    from ..reports.sheet import Sheet


def plain_table(*titles: str, right: Sequence[str] = ()) -> Table:
    """Return an empty table with columns aligned to the left, then columns of numbers aligned to the `right`."""
    table = Table(*titles, caption_justify="left", box=None, pad_edge=False, header_style="bold")
    for title in right:
        table.add_column(title, justify="right", no_wrap=True)
    return table


def table_of_sheet(sheet: "Sheet", shown: Sequence[int] | None = None) -> Table:
    """Return a table of the columns of a sheet that are `shown`, or of all."""
    columns = range(len(sheet.titles)) if shown is None else shown
    table = plain_table()
    for column in columns:
        table.add_column(sheet.titles[column], justify="right" if column in sheet.right else "left")
    for line in sheet.lines:
        table.add_row(*(line[column] for column in columns))
    return table


def fitting_table(sheet: "Sheet", width: int, dispensable: Sequence[str]) -> Table:
    """Return a table of a sheet without those of the `dispensable` columns that do not fit into `width`."""
    from ..reports.to_text import fitting_columns

    return table_of_sheet(sheet, fitting_columns(sheet.titles, sheet.lines, width, dispensable=dispensable))
