"""Markdown: one table row a line, cells escaped."""

from convwright.reports.to_markdown import markdown_table


def test_a_table_has_one_line_a_row_and_escapes_bars():
    text = markdown_table(("a", "b"), [("x|y", "1"), ("z", "2")], right=(1,))
    assert text.splitlines() == ["| a | b |", "|---|---:|", "| x\\|y | 1 |", "| z | 2 |"]
