"""Lists, tuples and mappings of tensors that a forward takes: by its annotations, or by what it does with them."""

import inspect
import operator
import typing
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, replace
from types import NoneType, UnionType
from typing import Any

import torch
from torch import nn

from ...errors import ConvwrightError
from .parameter_uses import ParameterUses, parameter_uses

_KINDS: Mapping[Any, type[Any]] = {
    **dict.fromkeys((list, Sequence, Iterable, Collection, Iterator), list),
    tuple: tuple,
    **dict.fromkeys((dict, Mapping, MutableMapping, OrderedDict), dict),
}
_WORDS: Mapping[type[Any], str] = {list: "a list", tuple: "a tuple", dict: "a mapping"}
_DEEPEST = 4


@dataclass(frozen=True, kw_only=True)
class Container:
    """A parameter that takes several tensors in one.

    Attributes
    ----------
    kind : type
        list, tuple or dict.
    keys : tuple of str
        Keys or places of all its items, where they are known.
    least : int
        Number of items that it has at least.
    is_certain : bool
        True if the annotation says it, False if the code shows it.
    """

    kind: type
    keys: tuple[str, ...] = ()
    least: int = 1
    is_certain: bool = False

    def __str__(self) -> str:
        return f"{_WORDS[self.kind]} of tensors"


def containers(module: nn.Module) -> dict[str, Container]:
    """Return the parameters of forward that take a list, a tuple or a mapping of tensors, by name.

    >>> class Joined(nn.Module):
    ...     def forward(self, maps: list[torch.Tensor], state: tuple[torch.Tensor, torch.Tensor]): ...
    >>> {name: (str(found), found.keys) for name, found in containers(Joined()).items()}
    {'maps': ('a list of tensors', ()), 'state': ('a tuple of tensors', ('0', '1'))}
    """
    found = {each.name: _container(module, each, 0) for each in forward_parameters(module)}
    return {name: container for name, container in found.items() if container is not None}


def forward_parameters(module: nn.Module) -> list[inspect.Parameter]:
    """Return the parameters of `forward`; none where a module of TorchScript has no forward.

    Annotations that were written as texts are evaluated where that is possible.
    """
    forward = getattr(module, "forward", None)
    if forward is None:
        return []
    try:
        found = inspect.signature(forward, eval_str=True)
    except Exception:  # the user's own: a name that only a type checker knows
        found = inspect.signature(forward)
    return list(found.parameters.values())


def nested(value: Any, container: Container | None) -> Any:
    """Return items by key as the list, tuple or dict that a parameter takes; inner ones by their keys.

    Raises
    ------
    ConvwrightError
        If the items of a list or tuple are not counted from 0.

    Examples
    --------
    >>> nested({"0": 1, "1": {"p3": 2}}, None)
    [1, {'p3': 2}]
    """
    if not isinstance(value, dict):
        return value
    items = {key: nested(item, None) for key, item in value.items()}
    is_row = list(items) == [str(place) for place in range(len(items))]
    kind = container.kind if container is not None else list if is_row else dict
    if kind is not dict and not is_row:
        got = ", ".join(items)
        raise ConvwrightError(
            f"items of {_WORDS[kind]}", expected="0, 1, ... in order", got=got, hint="y.0=..., y.1=..."
        )
    return items if kind is dict else kind(items.values())


def _container(module: nn.Module, parameter: inspect.Parameter, depth: int) -> Container | None:
    """Return what a parameter of a module's forward takes, if it is more than one tensor."""
    if parameter.kind is parameter.VAR_KEYWORD:
        return None
    said = annotated_container(parameter.annotation)
    uses = parameter_uses(module.forward, parameter.name)
    shown = _of_uses(uses)
    if parameter.kind is parameter.VAR_POSITIONAL:
        return replace(shown or Container(kind=tuple), kind=tuple, is_certain=True)
    if said is not None:
        keys = said.keys or (shown.keys if shown is not None else ())
        return replace(said, keys=keys, least=uses.count or 1)
    if parameter.annotation not in (parameter.empty, Any) or uses.is_tensor:
        return None
    return shown or next((found for each in uses.passed if (found := _of_part(module, *each, depth))), None)


def _of_uses(uses: ParameterUses) -> Container | None:
    """Return the container that the code shows; None if it shows none."""
    if uses.maps:
        return Container(kind=dict, keys=tuple(uses.keys))
    keys = tuple(map(str, range(uses.count))) if uses.has_count else ()
    kind = tuple if uses.is_tuple else list
    return Container(kind=kind, keys=keys, least=uses.count or 1) if uses.iterates else None


def _of_part(module: nn.Module, path: str, place: int | str, depth: int) -> Container | None:
    """Return what a part of a module takes at a place of its forward."""
    try:
        part: Callable[..., Any] = operator.attrgetter(path)(module)
    except AttributeError:
        return None
    if not isinstance(part, nn.Module) or depth == _DEEPEST:
        return None
    if type(part).__module__.startswith("torch.nn."):  # those take single tensors, but for one state
        has_states = isinstance(part, nn.LSTM | nn.LSTMCell) and place in (1, "hx")
        return Container(kind=tuple, keys=("0", "1")) if has_states else None
    parameters = forward_parameters(part)
    named = [each for number, each in enumerate(parameters) if place in (number, each.name)]
    return _container(part, named[0], depth + 1) if named else None


def annotated_container(annotation: Any) -> Container | None:
    """Return the container that an annotation says; None if it says none, or something else than tensors in it."""
    args = typing.get_args(annotation)
    kind = typing.get_origin(annotation) or annotation
    if kind in (typing.Union, UnionType):
        inner = [each for each in args if each is not NoneType]
        return annotated_container(inner[0]) if len(inner) == 1 else None
    found = next((each for known, each in _KINDS.items() if kind is known), None)
    items = [each for each in (args[1:] if found is dict else args) if each is not ...]
    if found is None or not all(each in (torch.Tensor, Any) or isinstance(each, typing.TypeVar) for each in items):
        return None
    keys = tuple(str(place) for place in range(len(items))) if found is tuple and ... not in args else ()
    return Container(kind=found, keys=keys, is_certain=True)
