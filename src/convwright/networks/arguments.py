"""The keyword arguments of a factory: read from texts, checked, and completed by its defaults."""

import ast
import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from torch import nn

from ..errors import ConvwrightError, unknown
from .evidence.call_signature import call_signature

_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


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
    check_names(factory, arguments, label)
    missing = missing_arguments(factory, arguments)
    if missing:
        raise missing_error(label, missing)


def check_names(factory: Any, arguments: Mapping[str, Any], label: str) -> None:
    """Raise `ConvwrightError` for an argument that `factory` does not take."""
    parameters = call_signature(factory).parameters.values()
    names = [each.name for each in parameters if each.kind in _NAMED]
    for name in arguments:
        if name not in names and not any(each.kind is each.VAR_KEYWORD for each in parameters):
            raise unknown(f"argument of {label}", name, names)


def missing_arguments(factory: Any, arguments: Mapping[str, Any]) -> list[str]:
    """Return the names of the parameters without a default that `arguments` leaves out; none for a module.

    >>> missing_arguments(lambda width, depth=2: None, {})
    ['width']
    """
    if isinstance(factory, nn.Module):
        return []
    parameters = call_signature(factory).parameters.values()
    needed = [each.name for each in parameters if each.kind in _NAMED and each.default is each.empty]
    return [name for name in needed if name not in arguments]


def missing_error(label: str, missing: Sequence[str], got: str = "", modules: Sequence[str] = ()) -> ConvwrightError:
    """Return the error for arguments that are missing.

    Parameters
    ----------
    label : str
        Name of the network.
    missing : sequence of str
        Names of the arguments.
    got : str
        The outcome of those that were tried.
    modules : sequence of str
        Those of them that are modules, which no command line can give.
    """
    call = f"{label.rpartition(':')[2]}({', '.join(f'{name}=...' for name in missing)})"
    hint = "add " + " ".join(f"--arg {name}=..." for name in missing)
    if modules:
        hint = f"{' and '.join(modules)} {'is a module' if len(modules) == 1 else 'are modules'}: "
        hint += f"name a function that returns {call}"
    return ConvwrightError(
        f"{label} needs {'an argument' if len(missing) == 1 else 'arguments'}",
        expected=", ".join(missing),
        got=got,
        hint=hint,
    )


def default_arguments(factory: Any) -> dict[str, Any]:
    """Return the keyword parameters of `factory` that have a default; none for a module, which takes no arguments."""
    if isinstance(factory, nn.Module):
        return {}
    return {
        each.name: each.default
        for each in call_signature(factory).parameters.values()
        if each.kind in _NAMED and each.default is not each.empty
    }
