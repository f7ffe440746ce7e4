"""The values that a command line without arguments gives, read from the `add_argument` calls of a file."""

import argparse
import ast
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .source_file import SourceFile

Evaluate = Callable[[ast.expr], Any]

_CONSTANTS = {"store_true": False, "store_false": True, "store_const": None, "append": None, "count": None}


class ParsedArguments(argparse.Namespace):
    """Defaults of the arguments of a parser; those without one are missing.

    Attributes
    ----------
    places : dict of str to str
        File and line of each argument.
    """

    __slots__ = ("places",)  # no item of the namespace

    def __init__(self, values: Mapping[str, Any], places: Mapping[str, str]) -> None:
        super().__init__(**values)
        self.places = dict(places)

    def __repr__(self) -> str:
        """Return it as argparse's own."""
        return super().__repr__().replace(type(self).__name__, "Namespace", 1)


def default_namespace(source: SourceFile, calls: Iterable[ast.Call], evaluate: Evaluate) -> ParsedArguments:
    """Return the namespace that `parse_args` gives if nothing is typed.

    Parameters
    ----------
    source : SourceFile
        The file.
    calls : iterable of ast.Call
        Calls in it, among them those of `add_argument` and `set_defaults`.
    evaluate : callable
        Returns the value of an expression, or raises LookupError.
    """
    values: dict[str, Any] = {}
    places: dict[str, str] = {}
    for call in calls:
        called = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if called == "add_argument":
            name = _name_of(call, evaluate)
            try:
                values[name] = _default_of(call, evaluate)
            except LookupError:
                values.pop(name, None)
            places[name] = source.place(call)
        elif called == "set_defaults":
            for keyword in call.keywords:
                try:
                    values[keyword.arg or ""] = evaluate(keyword.value)
                except LookupError:
                    values.pop(keyword.arg or "", None)
                places[keyword.arg or ""] = source.place(call)
    return ParsedArguments(values, places)


def _name_of(call: ast.Call, evaluate: Evaluate) -> str:
    for keyword in call.keywords:
        if keyword.arg == "dest":
            return str(_or_none(keyword.value, evaluate))
    flags = [str(_or_none(each, evaluate)) for each in call.args]
    long = [each for each in flags if each.startswith("--")]
    return (long or flags or [""])[0].lstrip("-").replace("-", "_")


def _default_of(call: ast.Call, evaluate: Evaluate) -> Any:
    """Return the default, else the first choice; raise LookupError if there is none, or it is not known."""
    given = {each.arg: each.value for each in call.keywords if each.arg}
    if "default" in given:
        default = evaluate(given["default"])
        # As argparse does; the type may be a function of the user's.
        needs_type = isinstance(default, str) and "type" in given
        return evaluate(ast.Call(given["type"], [given["default"]], [])) if needs_type else default
    nargs, action = (_or_none(given[name], evaluate) if name in given else None for name in ("nargs", "action"))
    is_positional = not str(_or_none(call.args[0], evaluate) if call.args else "-").startswith("-")
    is_required = "required" in given and _or_none(given["required"], evaluate)
    if is_required or (is_positional and nargs not in ("?", "*")):
        if "choices" not in given:
            raise LookupError("an argument that must be given")
        return next(iter(evaluate(given["choices"])))
    return _CONSTANTS.get(str(action))


def _or_none(node: ast.expr, evaluate: Evaluate) -> Any:
    try:
        return evaluate(node)
    except LookupError:
        return None
