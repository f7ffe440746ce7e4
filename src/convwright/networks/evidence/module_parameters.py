"""Parameters of a constructor that are modules: kept in an attribute, and called by another method."""

import ast
import inspect
from collections.abc import Callable, Sequence
from textwrap import dedent
from typing import Any

from torch import nn

from .call_signature import call_signature
from .names import name_of
from .source_file import Function


def called_parameters(kinds: Sequence[ast.ClassDef]) -> dict[str, list[ast.Call]]:
    """Return the calls of each parameter that a constructor keeps and another method calls.

    Parameters
    ----------
    kinds : sequence of ast.ClassDef
        A class, then those that it inherits from.

    Examples
    --------
    >>> text = '''
    ... class Residual:
    ...     def __init__(self, inner, scale, other, device):
    ...         self.body, self.scale = inner, scale
    ...         self.inside = inner
    ...         self.beside = deepcopy(other).to(device)
    ...         self.last = other.to(device)
    ...     def forward(self, x):
    ...         return self.last(x + self.scale * self.inside(x))
    ... '''
    >>> [(name, ast.unparse(*calls)) for name, calls in called_parameters(ast.parse(text).body).items()]
    [('other', 'self.last(x + self.scale * self.inside(x))'), ('inner', 'self.inside(x)')]
    """
    methods = [part for kind in kinds for part in kind.body if isinstance(part, Function)]
    constructor = next((each for each in methods if each.name == "__init__"), None)
    if constructor is None:
        return {}
    names = [each.arg for each in (*constructor.args.posonlyargs, *constructor.args.args, *constructor.args.kwonlyargs)]
    kept: dict[str, str] = {}
    for part in ast.walk(constructor):
        match part:
            case ast.Assign(targets=[ast.Attribute(attr=attribute)], value=ast.Name(id=name)) if name in names:
                kept[attribute] = name
            case ast.Assign(targets=[ast.Attribute(attr=attribute)], value=ast.Call() as call):
                inner = call.args[0] if name_of(call.func) == "deepcopy" and call.args else call.func
                owner = inner.value if isinstance(inner, ast.Attribute) and inner.attr == "to" else inner
                if isinstance(owner, ast.Name) and owner.id in names and owner is not call.func:
                    kept[attribute] = owner.id
    found: dict[str, list[ast.Call]] = {}
    for method in methods:
        for part in ast.walk(method) if method.name != "__init__" else ():
            match part:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="self"), attr=attribute)) if attribute in kept:
                    found.setdefault(kept[attribute], []).append(part)
    return found


def is_module_type(annotation: object) -> bool:
    """Return True for the annotation of a module."""
    return isinstance(annotation, type) and issubclass(annotation, nn.Module)


def class_nodes(kind: type) -> list[ast.ClassDef]:
    """Return a class and those of its own that it inherits from, as far as their source is there."""
    found = []
    for each in kind.__mro__:
        try:
            tree = ast.parse(dedent(inspect.getsource(each))) if not each.__module__.startswith("torch.nn.") else None
        except (OSError, TypeError, SyntaxError):
            continue
        found += [part for part in (tree.body if tree else ()) if isinstance(part, ast.ClassDef)]
    return found


def may_pass_on(name: str, factory: Callable[..., Any]) -> bool:
    """Return True if a module that returns its input may stand for a parameter: the class computes more beside it.

    Each call gives it one value by position, and the constructor reads nothing of it.
    """
    kinds = class_nodes(factory) if isinstance(factory, type) else []
    called = called_parameters(kinds)
    if not called.get(name):
        return False
    gives_one = all(len(each.args) == 1 and not each.keywords for each in called[name])
    parts = [part for kind in kinds for method in kind.body for part in ast.walk(method)]
    is_read = any(isinstance(part, ast.Attribute) and ast.unparse(part.value) == name for part in parts)
    forwards = [part for kind in kinds for part in kind.body if isinstance(part, Function) and part.name == "forward"]
    of_parameters = [each for calls in called.values() for each in calls]
    computing = [part for part in ast.walk(forwards[0]) if isinstance(part, ast.Call | ast.BinOp)] if forwards else []
    return gives_one and not is_read and any(part not in of_parameters for part in computing)


def module_parameters(factory: Callable[..., Any], names: Sequence[str]) -> list[str]:
    """Return those of the parameters of a class or function that are modules: they are annotated so, or called."""
    annotations = {name: each.annotation for name, each in call_signature(factory).parameters.items()}
    called = called_parameters(class_nodes(factory)) if isinstance(factory, type) else {}
    return [name for name in names if name in called or is_module_type(annotations.get(name))]
