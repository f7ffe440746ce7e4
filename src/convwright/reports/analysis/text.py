"""An analysis in a terminal."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ...analysis.facts import Analysis
from ..to_text import fitting_columns
from .rows import TITLES, AnalysisRow, notes, stage_rows, total_rows, tree_rows


def analysis_text(analysis: Analysis, *, depth: int = 3, by_stage: bool = False, width: int = 120) -> RenderableType:
    """The tree (or the stages), the totals, and what they leave out.

    Parameters
    ----------
    depth : int
        Levels of the module tree.
    by_stage : bool
        One line for each resolution instead of the tree.
    width : int
        Characters a line may have; columns that do not fit are left out, the least telling first.
    """
    rows = stage_rows(analysis) if by_stage else tree_rows(analysis, depth)
    shapes = ", ".join("x".join(map(str, shape)) for shape in analysis.input_shapes)
    title = f"{analysis.label}, input {shapes}"
    parts: list[RenderableType] = [_table(rows, title, width), _totals(analysis)]
    return Group(*parts, *(Text(line, style="yellow" if line.startswith("NOT") else "dim") for line in notes(analysis)))


def _table(rows: list[AnalysisRow], title: str, width: int) -> Table:
    lines = [("  " * row.level + row.cells[0], *row.cells[1:]) for row in rows]
    shown = fitting_columns(TITLES, lines, width, dispensable=("FLOPs", "jump, px", "type", "output"))
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for column in shown:
        table.add_column(TITLES[column], justify="right" if column >= 3 else "left", no_wrap=True)
    for line in lines:
        table.add_row(*(line[column] for column in shown))
    return table


def _totals(analysis: Analysis) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False, title="totals", title_justify="left", title_style="bold")
    table.add_column()
    table.add_column(justify="right")
    table.add_column(style="dim")
    for row in total_rows(analysis):
        table.add_row(*row)
    return table
