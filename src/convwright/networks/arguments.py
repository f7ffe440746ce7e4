"""The keyword arguments of a factory: read from texts, checked, and completed by its defaults."""

import ast
import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from torch import nn

from ..errors import ConvwrightError, unknown


def parse_arguments(pairs: Sequence[str]) -> dict[str, Any]:
    """Read keyword arguments from `key=value` texts; a value that is not a Python literal is a string.

    >>> parse_arguments(["width=0.5", "norm=group", "stages=(2, 2)"])
    {'width': 0.5, 'norm': 'group', 'stages': (2, 2)}
    """
    arguments: dict[str, Any] = {}
    for pair in pairs:
        key, separator, value = pair.partition("=")
        if not separator or not key.isidentifier():
            raise ConvwrightError(f"argument {pair!r}", expected="name=value", hint="for example --arg num_classes=10")
        try:
            arguments[key] = ast.literal_eval(value)
        except (SyntaxError, ValueError):
            arguments[key] = value
    return arguments


def check_arguments(factory: Any, arguments: Mapping[str, Any], label: str) -> None:
    """Raise `ConvwrightError` for an argument that `factory` does not take, and for one that it needs."""
    parameters = inspect.signature(factory).parameters.values()
    named = [p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    names = [p.name for p in named]
    for name in arguments:
        if name not in names and not any(p.kind is p.VAR_KEYWORD for p in parameters):
            raise unknown(f"argument of {label}", name, names)
    missing = [p.name for p in named if p.default is p.empty and p.name not in arguments]
    if missing:
        raise ConvwrightError(
            f"{label} needs {'an argument' if len(missing) == 1 else 'arguments'}",
            expected=", ".join(missing),
            hint="add " + " ".join(f"--arg {name}=..." for name in missing),
        )


def default_arguments(factory: Any) -> dict[str, Any]:
    """Return the keyword parameters of `factory` that have a default; none for a module, which takes no arguments."""
    if isinstance(factory, nn.Module):
        return {}
    return {
        each.name: each.default
        for each in inspect.signature(factory).parameters.values()
        if each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY) and each.default is not each.empty
    }
