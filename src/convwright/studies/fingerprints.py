"""Fingerprints of runs: besides the network, of the data, the recipe, the measures and their code."""

import ast
import hashlib
import inspect
import textwrap
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from ..graph.fingerprint import stable_bytes
from .study import Measure


def measure_fingerprint(measure: Measure) -> str:
    """Changes with the code of the function that measures; not with its comments or docstring."""
    return hashlib.sha256(stable_bytes([measure.name, measure.before, code_of(measure.function)])).hexdigest()[:16]


def job_fingerprint(parts: Sequence[str | int]) -> str:
    """One name for all that a run depends on."""
    return hashlib.sha256(stable_bytes(list(parts))).hexdigest()[:24]


def code_of(function: Callable[..., Any]) -> str:
    """The code of a function as a syntax tree without its docstring; its name where there is no source.

    >>> code_of(len)
    'builtins.len'
    """
    if isinstance(function, partial):
        return f"{code_of(function.func)} {function.args} {function.keywords}"
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return f"{getattr(function, '__module__', '')}.{getattr(function, '__qualname__', type(function).__qualname__)}"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return ast.dump(tree)
