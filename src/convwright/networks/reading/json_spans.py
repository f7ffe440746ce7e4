"""Positions of values in a JSON text."""

import json
import re
from typing import Any, NamedTuple

_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder(strict=False)


class JsonSpan(NamedTuple):
    """Characters of a JSON text that hold one value; the end is excluded."""

    start: int
    end: int


def decoded_at(text: str, start: int) -> tuple[Any, int]:
    """Return the value that starts at a character, and its end; see `json.JSONDecoder.raw_decode`.

    >>> decoded_at('{"a": [1, 2]}', 6)
    ([1, 2], 12)
    """
    return _DECODER.raw_decode(text, start)


def after_space(text: str, start: int) -> int:
    """Return the position of the first character from `start` that is no white space."""
    found = _SPACE.match(text, start)
    return found.end() if found else start


def members(text: str, start: int) -> dict[str, JsonSpan]:
    """Return the values of the valid object that starts at a character; the last of each key, as `json` does.

    >>> members('{"a": 1, "b": [2]}', 0)
    {'a': JsonSpan(start=6, end=7), 'b': JsonSpan(start=14, end=17)}
    """
    found: dict[str, JsonSpan] = {}
    at = after_space(text, start + 1)
    while text[at] != "}":
        key, end = decoded_at(text, at)
        value = after_space(text, after_space(text, end) + 1)
        found[key] = JsonSpan(value, decoded_at(text, value)[1])
        at = _next(text, found[key].end)
    return found


def elements(text: str, start: int) -> list[JsonSpan]:
    """Return the elements of the valid array that starts at a character.

    >>> elements('[1, "b"]', 0)
    [JsonSpan(start=1, end=2), JsonSpan(start=4, end=7)]
    """
    found: list[JsonSpan] = []
    at = after_space(text, start + 1)
    while text[at] != "]":
        found.append(JsonSpan(at, decoded_at(text, at)[1]))
        at = _next(text, found[-1].end)
    return found


def _next(text: str, end: int) -> int:
    """Return the position of what follows a value: the next one, or the bracket that closes."""
    at = after_space(text, end)
    return after_space(text, at + 1) if text[at] == "," else at
