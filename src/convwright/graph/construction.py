"""Where a module was built: the line `self.name = ...` in the class that holds it, read from its source."""

import ast
import inspect
import textwrap
from collections.abc import Mapping
from functools import cache

from .records import Place


def construction_place(path: str, classes: Mapping[str, type]) -> Place | None:
    """The line that built the module at `path`, or the nearest container of it that is found.

    Parameters
    ----------
    path : str
        Dotted path of a module.
    classes : mapping of str to type
        Class of the module at every path.
    """
    parts = path.split(".") if path else []
    for depth in range(len(parts) - 1, -1, -1):
        holder = classes.get(".".join(parts[:depth]))
        if holder is None:
            continue
        built = ".".join(parts[: depth + 1])
        place = _place_in(holder, tuple(parts[depth:]), classes[built].__name__ if built in classes else "", classes)
        if place is not None:
            return place
    return None


def _place_in(holder: type, names: tuple[str, ...], type_name: str, classes: Mapping[str, type]) -> Place | None:
    del classes
    for base in holder.__mro__:
        if base.__module__.startswith("torch.nn.modules."):
            return None
        assigned = [line for name, line in _assignments(base) if name == names[0]]
        typed = [(file, line) for file, line, calls in assigned if type_name in calls]
        if typed or assigned:
            file, line = typed[0] if typed else assigned[0][:2]
            return Place(file=file, line=line)
    return None
