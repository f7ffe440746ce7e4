"""Pieces of Markdown."""

import inspect


def table(titles: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(titles) + " |", "|" + "---|" * len(titles)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def first_line(thing: object) -> str:
    return (inspect.getdoc(thing) or "").partition("\n")[0]


def section(thing: object, heading: str) -> str:
    """The text after `heading:` in a docstring, up to the next blank line."""
    text = inspect.getdoc(thing) or ""
    if f"{heading}:" not in text:
        return ""
    return " ".join(text.split(f"{heading}:", 1)[1].split("\n\n")[0].split("\nSource:")[0].split())
