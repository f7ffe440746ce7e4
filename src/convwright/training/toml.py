"""Write what `tomllib` reads: strings, numbers, booleans, lists of these, and tables of one level."""

import json
from collections.abc import Mapping
from typing import Any


def dumps(values: Mapping[str, Any]) -> str:
    """A TOML document: plain values first, then a table for each mapping; what is None is left out.

    >>> print(dumps({"epochs": 30, "steps": None, "optimizer": {"name": "sgd", "betas": (0.9, 0.99)}}), end="")
    epochs = 30
    <BLANKLINE>
    [optimizer]
    name = "sgd"
    betas = [0.9, 0.99]
    """
    plain = {key: value for key, value in values.items() if not isinstance(value, Mapping)}
    lines = _lines(plain)
    for key, table in values.items():
        if isinstance(table, Mapping):
            lines += ["", f"[{key}]", *_lines(table)]
    return "\n".join(lines).lstrip("\n") + "\n"


def _lines(values: Mapping[str, Any]) -> list[str]:
    return [f"{key} = {_value(value)}" for key, value in values.items() if value is not None]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):  # JSON's escapes are TOML's, but for the one control character that JSON lets stand
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    raise TypeError(f"no TOML for {type(value).__name__}")
