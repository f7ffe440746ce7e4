"""An analysis as Markdown."""

from ... import units
from ...analysis.facts import Analysis
from ..to_markdown import markdown_table
from .layers import TableChoice
from .rows import notes, total_rows


def analysis_markdown(analysis: Analysis, choice: TableChoice | None = None) -> str:
    """The layers (or the stages), the totals, and what they leave out; see `analysis_text`."""
    choice = choice or TableChoice()
    rows, columns = choice.rows(analysis), choice.shown_columns
    shapes = ", ".join(units.size(shape) for shape in analysis.input_shapes)
    body = [
        ("&nbsp;&nbsp;" * row.level + row.name, *(column.words(row.values.get(column.name)) for column in columns))
        for row in rows
    ]
    right = [place for place, column in enumerate(columns, start=1) if column.is_number]
    parts = [
        f"# {analysis.label}\n\nInput {shapes}.\n",
        markdown_table(("layer", *(column.title for column in columns)), body, right=right),
        "\n## Totals\n",
        markdown_table(("", "", ""), total_rows(analysis), right=(1,)),
        "",
        *(f"- {line}" for line in notes(analysis, [column.name for column in columns])),
    ]
    return "\n".join(parts) + "\n"
