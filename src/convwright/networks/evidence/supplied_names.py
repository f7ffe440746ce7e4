"""Names of a module whose statements were left out, given the values that can be read: `args` above all."""

import ast
from typing import Any, cast

from torch import nn

from ..reading.left_out import reading_of
from .argument_search import shown
from .source_file import Function
from .values import Values

_KEY = "__convwright_supplied_names__"


def supply_names(values: Values) -> tuple[str, ...]:
    """Give the names that classes and functions of the executed file use and that were left out their values.

    Returns
    -------
    tuple of str
        What was assumed, such as "width=8 from net.py:4".
    """
    source = values.repository.main
    namespace = cast(dict[str, Any], source.namespace or {})
    if _KEY in namespace:  # a file is imported once, and its networks are opened one by one
        return cast(tuple[str, ...], namespace[_KEY])
    reading = reading_of(namespace)
    missing = {name for name in reading.names if name not in namespace} if reading is not None else set()
    assumed = []
    for name in sorted(missing & _used(source.tree)) if missing else ():
        found = values.of_name(name, source)
        if found is not None and not isinstance(found.value, nn.Module):
            namespace[name] = found.value
            assumed.append(f"{name}={shown(found.value)} from {found.place}")
    namespace[_KEY] = tuple(assumed)
    return tuple(assumed)


def _used(tree: ast.Module) -> set[str]:
    """Return the names that classes, and functions that return something, read."""
    used: set[str] = set()
    for node in tree.body:
        returns = (part for part in ast.walk(node) if isinstance(part, ast.Return) and part.value is not None)
        if isinstance(node, ast.ClassDef) or (isinstance(node, Function) and next(returns, None) is not None):
            used |= {
                part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)
            }
    return used
