"""Columns of the table of layers: their names, titles, and how their values are shown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from ... import units
from ...errors import ConvwrightError, require_choice


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of the table of layers.

    Attributes
    ----------
    name : str
        Its name for `--columns`, and the key of its values in a row.
    title : str
        Its heading.
    words : callable
        A value as text; "" for none, and for a count of zero.
    short : callable or None
        The same in fewer characters, for a narrow terminal; None where there is no shorter form.
    is_number : bool
        True if it is aligned to the right, and sorted largest first.
    """

    name: str
    title: str
    words: Callable[[Any], str]
    short: Callable[[Any], str] | None = None
    is_number: bool = True


def shape_words(value: Any) -> str:
    """Return a shape as `1x64x8x8`; a text stays as it is.

    >>> shape_words((1, 64, 8, 8)), shape_words("64 x 8x8"), shape_words(None)
    ('1x64x8x8', '64 x 8x8', '')
    """
    return value if isinstance(value, str) else units.size(value or ())


def sort_key(value: Any) -> Any:
    """Return what a value is sorted by: a shape by its elements, a field by its largest axis, none below all others."""
    if isinstance(value, tuple):
        known = [each for each in value if each is not None]
        return max(prod(known), max(known, default=0)) if known else -1
    return -1 if value is None else value


def _count(value: int | None) -> str:
    return f"{value:,}" if value else ""


def _short_count(value: int | None) -> str:
    return units.count(value) if value else ""


def _bytes(value: int | None) -> str:
    return units.bytes_(value) if value else ""


def _seconds(value: float | None) -> str:
    return units.seconds(value) if value is not None else ""


def _percent(value: float | None) -> str:
    return ("<0.1" if value < 0.0005 else f"{100 * value:.1f}") if value else ""


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _counted(name: str, title: str) -> Column:
    return Column(name=name, title=title, words=_count, short=_short_count)


ALL_COLUMNS = {
    column.name: column
    for column in (
        Column(name="type", title="type", words=_text, is_number=False),
        Column(name="input", title="input", words=shape_words, is_number=False),
        Column(name="output", title="output", words=shape_words, is_number=False),
        Column(name="kernel", title="kernel", words=shape_words),
        Column(name="stride", title="stride", words=shape_words),
        Column(name="groups", title="groups", words=_text),
        Column(name="dtype", title="dtype", words=_text, is_number=False),
        _counted("parameters", "parameters"),
        Column(name="percent", title="params, %", words=_percent),
        _counted("trainable", "trainable"),
        _counted("macs", "MACs"),
        _counted("flops", "FLOPs"),
        Column(name="memory", title="memory", words=_bytes),
        Column(name="kept", title="kept", words=_bytes),
        Column(name="field", title="field, px", words=units.pixels),
        Column(name="jump", title="jump, px", words=units.pixels),
        Column(name="latency", title="latency", words=_seconds),
    )
}

DEFAULT_COLUMNS = tuple(
    ALL_COLUMNS[name] for name in ("type", "output", "parameters", "macs", "flops", "field", "jump")
)
TITLES = ("layer", *(column.title for column in DEFAULT_COLUMNS))


def columns_named(text: str) -> tuple[Column, ...]:
    """Return the columns that a list of names, separated by commas, asks for, in its order.

    Raises
    ------
    ConvwrightError
        For an unknown name, with the nearest known ones; and for no name at all.

    Examples
    --------
    >>> [column.title for column in columns_named("output, macs")]
    ['output', 'MACs']
    """
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    if not names:
        raise ConvwrightError("--columns", expected=f"some of {', '.join(ALL_COLUMNS)}", got=repr(text))
    for name in names:
        require_choice("column", name, ALL_COLUMNS)
    return tuple(ALL_COLUMNS[name] for name in dict.fromkeys(names))


def fitted_columns(
    columns: Sequence[Column], lines: Sequence[tuple[str, dict[str, Any]]], width: int, *, is_chosen: bool
) -> tuple[list[Column], bool]:
    """Return the columns that hold something and fit into `width`, and whether numbers have to be shortened.

    Parameters
    ----------
    columns : sequence of Column
        All that might be shown.
    lines : sequence of (str, dict)
        Name and values of each line.
    width : int
        Characters of a line.
    is_chosen : bool
        True if somebody asked for these columns: then numbers are shortened first, and the last columns go first.
    """
    shown = [column for column in columns if any(column.words(values.get(column.name)) for _, values in lines)]
    order = [c.name for c in reversed(columns) if c.name != "output"] if is_chosen else list(_LEAST_TELLING)
    order.insert(0 if is_chosen else _LEAST_TELLING.index("type"), "digits")
    is_short = False
    for name in (*order, "output"):
        if _width(shown, lines, is_short=is_short) <= width:
            break
        if name == "digits":
            is_short = True
        else:
            shown = [column for column in shown if column.name != name]
    return shown, is_short


_LEAST_TELLING = ("flops", "jump", "type", "field", "macs", "parameters")


def cell_words(column: Column, value: Any, *, is_short: bool = False) -> str:
    """Return the text of a cell."""
    return column.short(value) if is_short and column.short else column.words(value)


def named_with_type(name: str, values: dict[str, Any], columns: Sequence[Column]) -> str:
    """Return the name of a line; one that is only a number has its type beside it where no column shows types."""
    kind = values.get("type")
    is_bare = not any(column.name == "type" for column in columns) and name.lstrip()[:1].isdigit()
    if not kind or not is_bare:
        return name
    first, times, repeats = name.partition(" x ")
    return f"{first} {kind}{times}{repeats}"


def _width(columns: Sequence[Column], lines: Sequence[tuple[str, dict[str, Any]]], *, is_short: bool) -> int:
    names = max([len("layer"), *(len(named_with_type(name, values, columns)) for name, values in lines)])
    return names + sum(
        1
        + max(
            [
                len(column.title),
                *(len(cell_words(column, values.get(column.name), is_short=is_short)) for _, values in lines),
            ]
        )
        + 1
        for column in columns
    )
