"""Numbers as text with units and prefixes; no other module formats them."""

import re
from collections.abc import Iterable, Sequence

from .errors import ConvwrightError

_DECIMAL = ((10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k"))
_BINARY = ((2**40, "TiB"), (2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"))
_SECONDS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns"))


def count(value: float, unit: str = "") -> str:
    """Format a count with three significant digits and a decimal prefix.

    >>> count(4_089_000_000, "MACs"), count(270_896), count(512)
    ('4.09 GMACs', '271 k', '512')
    """
    # 999.5 of one prefix would print as 1000 of it: it already belongs to the next.
    scale, prefix = next((row for row in _DECIMAL if abs(value) >= 0.9995 * row[0]), (1, ""))
    number = _significant(value / scale) if prefix else f"{value:g}"
    return f"{number} {prefix}{unit}".rstrip()


def bytes_(value: float) -> str:
    """Format a size in memory with a binary prefix.

    >>> bytes_(25_557_032 * 4), bytes_(12)
    ('97.5 MiB', '12 B')
    """
    for scale, unit in _BINARY:
        if abs(value) >= 0.9995 * scale:
            return f"{_significant(value / scale)} {unit}"
    return f"{value:g} B"


def parse_bytes(text: str) -> int:
    """Return the number of bytes of a size as people write it.

    Raises
    ------
    ConvwrightError
        When it is no positive number with a unit of bytes.

    >>> parse_bytes("2GiB"), parse_bytes("500 MB"), parse_bytes("1.5kB")
    (2147483648, 500000000, 1500)
    """
    scales = {"b": 1} | {unit.lower(): scale for scale, unit in _BINARY}
    scales |= {f"{prefix}b".lower(): scale for scale, prefix in _DECIMAL}
    parts = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*", text.lower())
    size = int(float(parts[1]) * scales[parts[2]]) if parts and parts[2] in scales else 0
    if size < 1:
        raise ConvwrightError("size in memory", expected="a number with a unit, as 2GiB, 500MB or 8GB", got=repr(text))
    return size


def seconds(value: float) -> str:
    """Format a duration: minutes and hours from 60 s up, else three significant digits.

    >>> seconds(0.0049), seconds(75), seconds(7500), seconds(0)
    ('4.90 ms', '1 min 15 s', '2 h 05 min', '0 s')
    """
    if value >= 59.95:
        minutes, rest = divmod(round(value), 60)
        hours, minutes_left = divmod(minutes, 60)
        return f"{hours} h {minutes_left:02d} min" if hours else f"{minutes} min {rest:02d} s"
    for scale, unit in _SECONDS:
        if value >= 0.9995 * scale:
            return f"{_significant(value / scale)} {unit}"
    return f"{value:g} s"


def size(pixels: Iterable[int]) -> str:
    """Format height by width, or any axes, as `224x192`.

    >>> size((224, 192))
    '224x192'
    """
    return "x".join(str(p) for p in pixels)


def pixels(values: Sequence[float | None] | None) -> str:
    """Format a size in pixels along each axis: one number where all axes agree, nothing where none is known.

    >>> pixels((15, 15)), pixels((15, 3)), pixels((2.5, None)), pixels((None, None)), pixels(None)
    ('15', '15x3', '2.5x-', '', '')
    """
    if not values or all(value is None for value in values):
        return ""
    texts = ["-" if value is None else f"{value:g}" for value in values]
    return texts[0] if len(set(texts)) == 1 else "x".join(texts)


def number_of(number: int, noun: str) -> str:
    """Format a number of things, whose noun takes an s.

    >>> number_of(1, "file"), number_of(1200, "file")
    ('1 file', '1,200 files')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def percent(fraction: float) -> str:
    """Format a fraction in percent with one decimal.

    >>> percent(0.8934)
    '89.3 %'
    """
    return f"{100 * fraction:.1f} %"


def _significant(value: float) -> str:
    digits = 2 if abs(value) < 9.995 else 1 if abs(value) < 99.95 else 0
    return f"{value:.{digits}f}"
