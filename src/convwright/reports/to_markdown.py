"""Tables in Markdown."""

from collections.abc import Sequence


def markdown_table(titles: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] | range = ()) -> str:
    """A table in Markdown, the columns in `right` aligned to the right."""
    rule = "|".join("---:" if i in right else "---" for i in range(len(titles)))
    lines = ["| " + " | ".join(titles) + " |", f"|{rule}|"]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines)
