"""Arguments of a class from a similar one of its file, such as those of `NetFeatures` from `Net`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from torch import nn

from ..errors import ConvwrightError
from .evidence.argument_search import ArgumentChoice, own_copy, shown
from .evidence.call_signature import call_signature
from .evidence.definition_graph import DefinitionGraph
from .evidence.values import Values

_MOST_FUNCTIONS = 4
_MOST_SIMILAR = 3
Build = Callable[[Any, str], tuple[ArgumentChoice, nn.Module]]  # of a class or function and its name


def similar_choices(factory: type, missing: Sequence[str], values: Values, build: Build) -> Iterator[ArgumentChoice]:
    """Yield arguments that a class needs, as a similar class of the same file gets them.

    A class is similar if it takes arguments of the same names, and one is the base of the other or its name begins that
    of the other. It gets its arguments where it is built alone, or where the functions of the file build it.

    Parameters
    ----------
    factory : type
        The class.
    missing : sequence of str
        Names of the arguments that it needs.
    values : Values
        Values of the expressions of its file.
    build : callable
        Builds a class or function of the file with the first arguments that do.
    """
    graph = DefinitionGraph(values)
    similar = [kind for kind in graph.classes.values() if _is_similar(kind, factory, missing)]
    for kind in similar[:_MOST_SIMILAR]:
        for given, source in _given(kind, graph, build):
            if given.keys() >= set(missing):
                found = {name: given[name] for name in missing}
                words = ", ".join(f"{name}={shown(value)}" for name, value in found.items())
                bound = call_signature(factory).bind_partial(**found)
                yield ArgumentChoice(bound=bound, assumptions=(f"{words} as {source}",))
                break


def _given(kind: type, graph: DefinitionGraph, build: Build) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Yield the arguments that a class gets, and words for the place."""
    functions = [name for name in graph.functions if name not in graph.parts and name not in graph.tried]
    for name in islice(functions, _MOST_FUNCTIONS):
        with noted_calls(kind) as calls:
            try:
                build(graph.functions[name], name)
            except ConvwrightError:
                continue
        yield from ((each, f"{kind.__name__} of {name}() gets it") for each in calls[:1])
    try:
        choice = build(kind, kind.__name__)[0]
    except ConvwrightError:
        return
    yield choice.keywords, f"{kind.__name__} gets it ({'; '.join(choice.assumptions)})"


def _is_similar(kind: type, factory: type, missing: Sequence[str]) -> bool:
    if kind is factory or not set(missing) <= call_signature(kind).parameters.keys():
        return False
    short, long = sorted((kind.__name__, factory.__name__), key=len)
    return issubclass(kind, factory) or issubclass(factory, kind) or long.startswith(short)


@contextmanager
def noted_calls(kind: type) -> Iterator[list[dict[str, Any]]]:
    """Note the arguments with which a class is called meanwhile.

    >>> with noted_calls(nn.Flatten) as calls:
    ...     _ = nn.Sequential(nn.Flatten(2), nn.Flatten(start_dim=1, end_dim=3))
    >>> calls
    [{'start_dim': 2}, {'start_dim': 1, 'end_dim': 3}]
    """
    calls: list[dict[str, Any]] = []
    owner: Any = kind  # one whose constructor is exchanged for a while
    signature, constructor, is_own = call_signature(kind), owner.__init__, "__init__" in vars(kind)

    def noted(self: Any, *args: Any, **kwargs: Any) -> None:
        if type(self) is kind:
            given = ArgumentChoice(bound=signature.bind_partial(*args, **kwargs)).keywords
            calls.append({name: own_copy(value) for name, value in given.items()})  # a constructor may change them
        constructor(self, *args, **kwargs)

    owner.__init__ = noted
    try:
        yield calls
    finally:
        if is_own:
            owner.__init__ = constructor
        else:
            del owner.__init__
