"""An analysis as Markdown."""

from ...analysis.facts import Analysis
from ..to_markdown import markdown_table
from .rows import TITLES, notes, stage_rows, total_rows, tree_rows


def analysis_markdown(analysis: Analysis, *, depth: int = 3, by_stage: bool = False) -> str:
    """The tree (or the stages), the totals, and what they leave out; see `analysis_text`."""
    rows = stage_rows(analysis) if by_stage else tree_rows(analysis, depth)
    shapes = ", ".join("x".join(map(str, shape)) for shape in analysis.input_shapes)
    body = [("&nbsp;&nbsp;" * row.level + row.cells[0], *row.cells[1:]) for row in rows]
    parts = [
        f"# {analysis.label}\n\nInput {shapes}.\n",
        markdown_table(TITLES, body, right=range(3, len(TITLES))),
        "\n## Totals\n",
        markdown_table(("", "", ""), total_rows(analysis), right=(1,)),
        "",
        *(f"- {line}" for line in notes(analysis)),
    ]
    return "\n".join(parts) + "\n"
