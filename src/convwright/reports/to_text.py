"""Tables and text for a terminal."""

from collections.abc import Sequence

from rich.console import Console, RenderableType


def as_string(renderable: RenderableType, width: int = 120) -> str:
    """Return what a terminal of `width` characters without colors shows."""
    console = Console(width=width, color_system=None, force_terminal=False, legacy_windows=False)
    with console.capture() as captured:
        console.print(renderable)
    return captured.get()


def fitting_columns(
    titles: Sequence[str], lines: Sequence[Sequence[str]], width: int, *, dispensable: Sequence[str]
) -> list[int]:
    """The columns of a table that hold something and fit into `width`; the first that is `dispensable` goes first."""
    widths = [max(len(line[column]) for line in [titles, *lines]) + 2 for column in range(len(titles))]
    shown = [column for column in range(len(titles)) if any(line[column] for line in lines)]
    for title in dispensable:
        if title in titles and titles.index(title) in shown and sum(widths[column] for column in shown) > width:
            shown.remove(titles.index(title))
    return shown
