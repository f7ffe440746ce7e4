"""The arguments of a class or function that nobody gave: from its calls, else from the names of its parameters."""

import ast
import copy
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from types import FunctionType
from typing import Any

import torch
from torch import nn

from .call_signature import call_signature
from .found_calls import found_calls
from .guesses import Guesses
from .source_file import Function, SourceFile
from .values import Value, Values

_MOST_CALLS = 20
_MOST_GUESSES = 24
_MOST_UNSET = 8
_LONGEST_TEXT = 60
_NAMED = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
_UNKNOWN = Value(None, "")


@dataclass(frozen=True, kw_only=True, eq=False)
class ArgumentChoice:
    """Arguments for one call.

    Attributes
    ----------
    bound : inspect.BoundArguments
        The arguments by parameter.
    assumptions : tuple of str
        Those that nobody gave, and the line that says them.
    is_guess : bool
        True if one of them is a guess by its name.
    """

    bound: inspect.BoundArguments
    assumptions: tuple[str, ...] = ()
    is_guess: bool = False

    @property
    def keywords(self) -> dict[str, Any]:
        """The arguments by name, those of `**` included, those of `*` not."""
        named: dict[str, Any] = {}
        for name, value in self.bound.arguments.items():
            kind = self.bound.signature.parameters[name].kind
            named |= value if kind is inspect.Parameter.VAR_KEYWORD else {name: value} if kind in _NAMED else {}
        return named

    def call(self, factory: Callable[..., Any]) -> Any:
        """Call `factory`; lists and dicts are its own, so that it can change them."""
        return factory(
            *map(own_copy, self.bound.args), **{key: own_copy(value) for key, value in self.bound.kwargs.items()}
        )


@dataclass(frozen=True, kw_only=True)
class ArgumentSearch:
    """Search for the arguments of a class or function.

    Attributes
    ----------
    factory : callable
        The class or function.
    values : Values
        Values of the expressions of its repository.
    given : mapping of str to object
        Arguments that the user gave; they count more than what is found.
    """

    factory: Callable[..., Any]
    values: Values
    given: Mapping[str, Any] = field(default_factory=dict)

    def choices(self) -> Iterator[ArgumentChoice]:
        """Yield arguments to try: those of calls whose arguments are all known, of others, and guesses."""
        incomplete, complete = [], []
        for call, source in islice(found_calls(self.factory, self.values), _MOST_CALLS):
            found = self._of_call(call, source)
            if found is None:
                continue
            if self._missing(found):
                incomplete.append(found)
            else:
                complete.append(found)
                yield self._choice(found)
        for found in complete:  # without what has a default, such as a checkpoint that does not lie here
            needed = {name: each for name, each in found.items() if name in self._needed}
            if needed != found:
                yield self._choice(needed)
        for found in [*incomplete[:1], {}]:
            yield from self._guessed(found)

    @property
    def _signature(self) -> inspect.Signature:
        return call_signature(self.factory)

    def _missing(self, found: Mapping[str, Any]) -> list[inspect.Parameter]:
        """Return the parameters that need a value and have none."""
        return [each for name, each in self._needed.items() if name not in found and name not in self.given]

    @property
    def _needed(self) -> dict[str, inspect.Parameter]:
        parameters = self._signature.parameters.items()
        return {name: each for name, each in parameters if each.kind in _NAMED and each.default is each.empty}

    def _of_call(self, call: ast.Call, source: SourceFile) -> dict[str, Value] | None:
        """Return the values that a call gives, by parameter; those that are not known are left out."""

        def value(node: ast.expr) -> Value:
            found = self.values.of(node, source) or _UNKNOWN
            if isinstance(found.value, nn.Sequential | nn.ModuleList | nn.ModuleDict) and not len(found.value):
                return _UNKNOWN  # later lines fill it
            return Value(found.value, source.place(call)) if found.place == source.place(node) else found

        def items(node: ast.expr) -> Any:
            found = self.values.of(node, source)
            if found is None and _is_rest(node, source):
                return {}
            if found is None:
                raise LookupError(node)
            pairs = found.value.items() if isinstance(found.value, Mapping) else enumerate(found.value)
            return {key: Value(each, found.place) for key, each in pairs}

        try:
            positional: list[Value] = []
            for each in call.args:
                starred = isinstance(each, ast.Starred)
                positional += items(each.value).values() if starred else [value(each)]  # type: ignore[attr-defined]
            keywords: dict[str, Value] = {}
            for keyword in call.keywords:
                keywords |= items(keyword.value) if keyword.arg is None else {keyword.arg: value(keyword.value)}
            bound = self._signature.bind_partial(*positional, **keywords)
        except (LookupError, TypeError, ValueError):
            return None
        return {name: each for name, each in self._flat(bound).items() if each is not _UNKNOWN}

    def _flat(self, bound: inspect.BoundArguments) -> dict[str, Value]:
        flat: dict[str, Value] = {}
        for name, each in bound.arguments.items():
            kind = self._signature.parameters[name].kind
            if kind is inspect.Parameter.VAR_POSITIONAL:
                flat[name] = _UNKNOWN if _UNKNOWN in each else Value(tuple(v.value for v in each), each[0].place)
            elif kind is inspect.Parameter.VAR_KEYWORD:
                flat |= each
            else:
                flat[name] = each
        return flat

    def _guessed(self, found: Mapping[str, Value]) -> Iterator[ArgumentChoice]:
        """Yield the known values with guesses of the others: the likeliest, then others, one parameter at a time."""
        guesses = Guesses(self.factory, self.values)
        options = {each.name: guesses.of(each) for each in self._missing(found)}
        if not all(options.values()):
            return
        first = {name: values[0] for name, values in options.items()}
        tries = [first]
        tries += [{**first, name: each} for name, values in options.items() for each in values[1:]]
        names = list(options)
        for index, name in enumerate(names):  # two at a time, for parameters that go together
            for other in names[index + 1 :]:
                pairs = [(a, b) for a in options[name][1:] for b in options[other][1:]]
                tries += [{**first, name: a, other: b} for a, b in pairs]
        for each in tries[:_MOST_GUESSES]:
            yield self._choice({**found, **each})
        # At last those that a constructor asks for although their default is None, or no number of anything.
        unset = [each for each in self._signature.parameters.values() if _is_unset(each.default)]
        for parameter in [each for each in unset if each.name not in {**found, **self.given}][:_MOST_UNSET]:
            for value in guesses.of_unset(parameter)[:1]:
                yield self._choice({**found, **first, parameter.name: value})

    def _choice(self, found: Mapping[str, Value]) -> ArgumentChoice:
        parameters = self._signature.parameters
        bound = self._signature.bind_partial()
        for name, value in {**{name: each.value for name, each in found.items()}, **self.given}.items():
            if name in parameters:
                bound.arguments[name] = value
            else:
                rest = next(each.name for each in parameters.values() if each.kind is each.VAR_KEYWORD)
                bound.arguments.setdefault(rest, {})[name] = value
        assumed: dict[str, list[str]] = {}
        for name, each in found.items():
            if name not in self.given:
                assumed.setdefault(each.place, []).append(f"{name}={shown(each.value)}")
        texts = [
            f"{', '.join(words)} from {place}" if place else _guess_words(words) for place, words in assumed.items()
        ]
        return ArgumentChoice(bound=bound, assumptions=tuple(texts), is_guess="" in assumed)


def _is_unset(default: Any) -> bool:
    return default is None or (type(default) is int and default == 0)


def shown(value: Any) -> str:
    """Return a value as a person writes it, shortened.

    >>> shown([nn.ReLU, 2]), shown(nn.ReLU()), shown(torch.ones(1, 64))
    ('[ReLU, 2]', 'ReLU()', 'tensor of 1x64')
    """
    if isinstance(value, type | FunctionType):
        return value.__name__
    if isinstance(value, torch.Tensor):
        return f"tensor of {'x'.join(map(str, value.shape))}"
    if isinstance(value, nn.Module) or repr(value).startswith(f"<{type(value).__module__}."):
        return f"{type(value).__name__}()"
    if type(value) in (list, tuple):
        inner = ", ".join(map(shown, value))
        text = f"[{inner}]" if isinstance(value, list) else f"({inner}{',' if len(value) == 1 else ''})"
    else:
        text = repr(value)
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 3]}..."


def _is_rest(node: ast.expr, source: SourceFile) -> bool:
    """Return True for the `*args` or `**kwargs` of the function around: nothing, unless its callers give more."""
    function = next((each for each in source.scopes(node) if isinstance(each, Function)), None)
    rest = (function.args.vararg, function.args.kwarg) if function is not None else ()
    return isinstance(node, ast.Name) and node.id in [each.arg for each in rest if each is not None]


def _guess_words(words: list[str]) -> str:
    return f"{', '.join(words)}, since nothing says {'it' if len(words) == 1 else 'them'}"


def own_copy(value: Any) -> Any:
    """Return a value with copies of its lists, tuples, sets and dicts.

    >>> given = [{"width": 8}]
    >>> own_copy(given)[0].pop("width"), given
    (8, [{'width': 8}])
    """
    if type(value) in (list, tuple, set):
        return type(value)(map(own_copy, value))
    return copy.deepcopy(value) if isinstance(value, dict) else value
