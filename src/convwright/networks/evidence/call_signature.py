"""The parameters of a class or function; of a constructor that passes all on, those of its base's constructor."""

import ast
import inspect
from collections.abc import Callable
from textwrap import dedent
from typing import Any


def call_signature(factory: Callable[..., Any]) -> inspect.Signature:
    """Return the signature by which a class or function is called.

    Where a constructor has `*args` or `**kwargs` and gives them to that of its base, the parameters of the base's
    constructor stand in their place, without those that it is given beside them.

    Examples
    --------
    >>> class Layer:
    ...     def __init__(self, kind, width, bias=True): ...
    >>> class Named(Layer):
    ...     def __init__(self, *args, **kwargs):
    ...         super().__init__("named", *args, **kwargs)
    >>> call_signature(Layer), call_signature(dict.fromkeys)
    (<Signature (kind, width, bias=True)>, <Signature (iterable, value=None, /)>)
    """
    found = inspect.signature(factory)
    kinds: tuple[type, ...] = getattr(factory, "__mro__", ())
    owner = next((each for each in kinds if "__init__" in vars(each)), None)
    rest = [each for each in found.parameters.values() if each.kind in (each.VAR_POSITIONAL, each.VAR_KEYWORD)]
    call = _call_of_base(vars(owner)["__init__"], [each.name for each in rest]) if owner and rest else None
    bases = kinds[kinds.index(owner) + 1 :] if owner is not None else ()
    base = next((each for each in bases if "__init__" in vars(each)), object)
    if call is None or base is object:
        return found
    own = [each for each in found.parameters.values() if each not in rest]
    inner = list(call_signature(base).parameters.values())
    place = next((number for number, each in enumerate(call.args) if isinstance(each, ast.Starred)), len(call.args))
    given = {each.arg for each in call.keywords} | {each.name for each in inner[:place]} | {each.name for each in own}
    by_place = place < len(call.args) and not (own and any(each.kind is each.VAR_KEYWORD for each in rest))
    taken = [each for each in inner if each.name not in given and (by_place or each.kind is not each.VAR_POSITIONAL)]
    if not by_place:
        taken = [each.replace(kind=each.KEYWORD_ONLY) if each.kind < each.VAR_KEYWORD else each for each in taken]
    named = {each.name: each for each in (*own, *taken)}
    return found.replace(parameters=sorted(named.values(), key=_order))


def _order(parameter: inspect.Parameter) -> tuple[int, bool]:
    has_default = parameter.default is not parameter.empty and parameter.kind <= parameter.POSITIONAL_OR_KEYWORD
    return parameter.kind, has_default


def _call_of_base(constructor: Any, rest: list[str]) -> ast.Call | None:
    """Return the call `super().__init__(...)` that gives the base all that a constructor gathers; None without one."""
    try:
        tree = ast.parse(dedent(inspect.getsource(constructor)))
    except (OSError, TypeError, SyntaxError):
        return None
    for call in ast.walk(tree):
        match call:
            case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr="__init__")):
                starred = [each.value for each in call.args if isinstance(each, ast.Starred)]
                starred += [each.value for each in call.keywords if each.arg is None]
                if [each.id for each in starred if isinstance(each, ast.Name)] == rest:
                    return call
    return None
