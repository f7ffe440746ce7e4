"""An analysis in a terminal."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ... import units
from ...analysis.facts import Analysis
from .columns import Column, cell_words, fitted_columns, named_with_type
from .layers import TableChoice, indented
from .rows import notes, total_rows


def analysis_text(analysis: Analysis, choice: TableChoice | None = None, *, width: int = 120) -> RenderableType:
    """The layers (or the stages), the totals, and what they leave out.

    Parameters
    ----------
    choice : TableChoice or None
        Lines and columns of the table; None for the module tree and the default columns.
    width : int
        Characters a line may have. Columns that do not fit are left out, the least telling first and the output last;
        before them, digits of large numbers.
    """
    choice = choice or TableChoice()
    lines = list(indented(choice.rows(analysis)))
    wanted, is_chosen = choice.shown_columns, choice.columns is not None
    shown, is_short = fitted_columns(wanted, lines, width, is_chosen=is_chosen)
    names = ", ".join(units.size(shape) for shape in analysis.input_shapes)
    table = Table(
        title=f"{analysis.label}, input {names}", title_justify="left", box=None, pad_edge=False, header_style="bold"
    )
    table.add_column("layer", no_wrap=True)
    for column in shown:
        table.add_column(column.title, justify="right" if column.is_number else "left", no_wrap=True)
    for name, values in lines:
        cells = (cell_words(column, values.get(column.name), is_short=is_short) for column in shown)
        table.add_row(Text(named_with_type(name, values, shown)), *map(Text, cells))
    said = [*_left_out(wanted, shown, width if is_chosen else 0), *notes(analysis, [column.name for column in shown])]
    words = (Text(line, style="yellow" if line.startswith("NOT") else "dim") for line in said)
    return Group(table, _totals(analysis), *words)


def _left_out(wanted: tuple[Column, ...], shown: list[Column], width: int) -> list[str]:
    """Return a note on the columns that were asked for and are not shown."""
    missing = [column.name for column in wanted if column not in shown]
    if not missing or not width:
        return []
    return [f"Columns without values, or for which {width} characters are too few: {', '.join(missing)}."]


def _totals(analysis: Analysis) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False, title="totals", title_justify="left", title_style="bold")
    table.add_column()
    table.add_column(justify="right")
    table.add_column(style="dim")
    for row in total_rows(analysis):
        table.add_row(*row)
    return table
