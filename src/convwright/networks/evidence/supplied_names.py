"""Names of a module whose statements were left out, given the values that can be read: `args` above all."""

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FunctionType
from typing import Any, cast

from torch import nn

from ..reading.left_out import reading_of
from .argument_search import shown
from .source_file import Function, SourceFile
from .values import Values

_KEY = "__convwright_supplied_names__"


def supply_names(values: Values) -> tuple[str, ...]:
    """Give the names that classes and functions of the executed file use and that were left out their values.

    Modules that it imports get those that their networks use, and the functions that it has of them.

    Returns
    -------
    tuple of str
        What was assumed, such as "width=8 from net.py:4".
    """
    source = values.repository.main
    namespace = cast(dict[str, Any], source.namespace or {})
    if _KEY in namespace:  # a file is imported once, and its networks are opened one by one
        return cast(tuple[str, ...], namespace[_KEY])
    assumed = [*_supplied(values, source, namespace, source.tree.body)]
    for other, names in _imported(values, namespace):
        shared = [node for node in other.tree.body if _is_network_or_had(node, names, namespace)]
        assumed += _supplied(values, other, names, shared)
    namespace[_KEY] = tuple(assumed)
    return tuple(assumed)


def _supplied(values: Values, source: SourceFile, namespace: dict[str, Any], nodes: list[ast.stmt]) -> Iterator[str]:
    """Give a module the names that some of its definitions use, and yield what was assumed."""
    reading = reading_of(namespace)
    missing = {name for name in reading.names if name not in namespace} if reading is not None else set()
    for name in sorted(missing & _used(nodes)) if missing else ():
        found = values.of_name(name, source)
        if found is not None and not isinstance(found.value, nn.Module):
            namespace[name] = found.value
            yield f"{name}={shown(found.value)} from {found.place}"


def _imported(values: Values, namespace: Mapping[str, Any]) -> Iterator[tuple[SourceFile, dict[str, Any]]]:
    """Yield the other modules that were read and lack a name."""
    for module in [*sys.modules.values()]:
        names = getattr(module, "__dict__", {})
        reading = reading_of(names)
        if reading is not None and names is not namespace and not reading.names.keys() <= names.keys():
            source = values.repository.file(Path(reading.file))
            if source is not None:
                yield source, names


def _is_network_or_had(node: ast.stmt, names: Mapping[str, Any], namespace: Mapping[str, Any]) -> bool:
    """Return True for the class of a module, and for a function that another module has as well."""
    value = names.get(getattr(node, "name", ""))
    is_network = isinstance(value, type) and issubclass(value, nn.Module)
    return is_network or (isinstance(value, FunctionType) and any(value is each for each in namespace.values()))


def _used(nodes: list[ast.stmt]) -> set[str]:
    """Return the names that classes, and functions that return something, read."""
    used: set[str] = set()
    for node in nodes:
        returns = (part for part in ast.walk(node) if isinstance(part, ast.Return) and part.value is not None)
        if isinstance(node, ast.ClassDef) or (isinstance(node, Function) and next(returns, None) is not None):
            used |= {
                part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)
            }
    return used
