"""Build a network by its factory, with arguments that nobody gave found in the user's files."""

import os
import sys
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from ..errors import ConvwrightError
from .arguments import check_names, default_arguments, missing_arguments, missing_error
from .evidence.argument_search import ArgumentChoice, ArgumentSearch, shown
from .evidence.call_signature import call_signature
from .evidence.module_parameters import module_parameters
from .evidence.network_inputs import named_inputs
from .evidence.repository import Repository
from .evidence.source_file import SourceFile
from .evidence.supplied_names import supply_names
from .evidence.values import Values
from .factories import called
from .guards.silence import silent
from .guards.undrawn_weights import UndrawnWeights
from .inputs.input_search import choose_inputs
from .reading.installed import is_installed
from .reading.reader import FileReader
from .similar_class import similar_choices

_TRIED = "__convwright_tried_networks__"
_MOST_TRACED = 4
_MOST_BYTES_BUILT = 2**30  # of parameters: what is larger stays on the meta device unless it is to compute


@dataclass(frozen=True, kw_only=True, eq=False)
class BuiltNetwork:
    """A network and the arguments that it was built with.

    Attributes
    ----------
    module : nn.Module
        The network.
    arguments : mapping of str to object
        Values of its factory's keyword parameters, defaults included.
    assumptions : tuple of str
        The arguments that nobody gave, and the names that were left out.
    """

    module: nn.Module
    arguments: Mapping[str, Any] = field(default_factory=dict)
    assumptions: tuple[str, ...] = ()


def build_network(
    factory: Any, arguments: Mapping[str, Any], label: str, reader: FileReader | None = None, *, computes: bool = True
) -> BuiltNetwork:
    """Build a network; arguments that are needed and not given are found, and tried on the meta device.

    Parameters
    ----------
    factory : callable or nn.Module
        The class, function or module.
    arguments : mapping of str to object
        Arguments that the user gave.
    label : str
        Name of the network in messages.
    reader : FileReader, optional
        The active reader of the user's files.
    computes : bool
        False draws few random numbers for large weights, and may leave a huge network on the meta device.

    Raises
    ------
    ConvwrightError
        When the arguments do not fit, none that were tried build it, or what is built is not an `nn.Module`.
    """
    if isinstance(factory, nn.Module):
        return BuiltNetwork(module=factory)
    check_names(factory, arguments, label)
    values = values_around(factory, reader)
    supplied = supply_names(values) if values is not None else ()
    if not missing_arguments(factory, arguments) and computes:
        choice = _given(factory, arguments)
    else:
        tried = None if arguments else _tried_in(values).get(factory)
        choice, num_bytes = tried or _with_size(*try_network(factory, arguments, label, values))
        if not computes and num_bytes > _MOST_BYTES_BUILT:
            return _built(factory, choice, _trial(factory, choice, label), supplied)
    with silent(), nullcontext() if computes else UndrawnWeights():
        return _built(factory, choice, called(lambda: choice.call(factory), label), supplied)


def try_network(
    factory: Any, arguments: Mapping[str, Any], label: str, values: Values | None
) -> tuple[ArgumentChoice, nn.Module]:
    """Return the first arguments that build a network, and the network, without weights where that is possible.

    Raises
    ------
    ConvwrightError
        If none do.
    """
    try:
        choice, model = _first_that_builds(factory, arguments, label, values)
    except ConvwrightError:
        found = _built_as_similar(factory, arguments, label, values)
        if found is None:
            raise
        choice, model = found
    if not arguments:
        _tried_in(values)[factory] = _with_size(choice, model)
    return choice, model


def _tried_in(values: Values | None) -> dict[Any, tuple[ArgumentChoice, int]]:
    """Return the arguments and bytes of the networks that were tried, by factory; they live as long as its module."""
    namespace = cast(dict[str, Any], (values.repository.main.namespace if values is not None else None) or {})
    return cast(dict[Any, tuple[ArgumentChoice, int]], namespace.setdefault(_TRIED, {}))


def _with_size(choice: ArgumentChoice, model: nn.Module) -> tuple[ArgumentChoice, int]:
    return choice, sum(each.nbytes for each in model.parameters())


def _first_that_builds(
    factory: Any, arguments: Mapping[str, Any], label: str, values: Values | None
) -> tuple[ArgumentChoice, nn.Module]:
    missing = missing_arguments(factory, arguments)
    if not missing:
        choice = _given(factory, arguments)
        return choice, _trial(factory, choice, label)
    failure = None
    built: list[tuple[ArgumentChoice, nn.Module]] = []
    empty: list[tuple[ArgumentChoice, nn.Module]] = []
    search = ArgumentSearch(factory=factory, values=values, given=arguments) if values is not None else None
    for choice in search.choices() if search is not None else ():
        try:
            model = _trial(factory, choice, label)
        except ConvwrightError as error:
            failure = failure or ConvwrightError(f"with {'; '.join(choice.assumptions)}: {error}")
            continue
        # A guess is as good as the network that it makes: one that takes some input. One without elements is none.
        is_whole = all(is_lazy(each) or each.nbytes for each in model.parameters())
        (built if is_whole else empty).append((choice, model))
        if is_whole and (not choice.is_guess or takes_inputs(model, factory.__name__, values)):
            return choice, model
        if len(built) == _MOST_TRACED:
            break
    if built or empty:
        return (*built, *empty)[0]
    blamed = _error_of_given(factory, arguments, label, values, failure) if arguments and failure else None
    if blamed is not None:
        raise blamed from failure
    modules = module_parameters(factory, missing)
    raise missing_error(label, missing, got=str(failure or ""), modules=modules) from failure


def _built_as_similar(
    factory: Any, arguments: Mapping[str, Any], label: str, values: Values | None
) -> tuple[ArgumentChoice, nn.Module] | None:
    """Return the arguments of a similar class of the file that build a network, and the network; None if none do."""
    missing = missing_arguments(factory, arguments)
    if not missing or arguments or values is None or not isinstance(factory, type):
        return None

    def build(other: Any, name: str) -> tuple[ArgumentChoice, nn.Module]:
        return _first_that_builds(other, {}, name, values)

    for choice in similar_choices(factory, missing, values, build):
        with suppress(ConvwrightError):
            return choice, _trial(factory, choice, label)
    return None


def _error_of_given(
    factory: Any, arguments: Mapping[str, Any], label: str, values: Values | None, failure: ConvwrightError
) -> ConvwrightError | None:
    """Return the error for arguments that somebody gave, if the network can be built without them."""
    try:
        found = _first_that_builds(factory, {}, label, values)[0]
    except ConvwrightError:
        return None
    given = ", ".join(f"{name}={shown(value)}" for name, value in arguments.items())
    hint = f"it can with {'; '.join(found.assumptions)}"
    return ConvwrightError(f"{label} cannot be built with {given}", got=str(failure), hint=hint)


def takes_inputs(module: nn.Module, factory: str, values: Values | None) -> bool:
    """Return True for a module that takes some input, such as one that its file names."""
    evidence = named_inputs(module, str(values.repository.main.path), factory) if values is not None else ()
    return choose_inputs(module, evidence).error is None


def values_around(factory: Any, reader: FileReader | None = None) -> Values | None:
    """Return the values of the expressions of a factory's repository; None for an installed one that was not named."""
    module = sys.modules.get(getattr(factory, "__module__", None) or "")
    file = getattr(module, "__file__", None)
    named = os.path.realpath(reader.source) if reader is not None and reader.source else ""
    if module is None or file is None or (is_installed(file) and os.path.realpath(file) != named):
        return None
    return values_of_file(file, vars(module), reader)


def values_of_file(file: str, namespace: Mapping[str, Any], reader: FileReader | None = None) -> Values:
    """Return the values of the expressions of a file that was executed, and of the repository around it."""
    path = Path(file)
    source = SourceFile.read(path, namespace) or SourceFile(path, "", namespace)
    return Values(Repository(source, reader))


def _given(factory: Any, arguments: Mapping[str, Any]) -> ArgumentChoice:
    return ArgumentChoice(bound=call_signature(factory).bind_partial(**arguments))


def _trial(factory: Any, choice: ArgumentChoice, label: str) -> nn.Module:
    """Build a network without weights; with them if its constructor computes with numbers."""
    with silent(), torch.random.fork_rng(devices=[]), UndrawnWeights():
        try:
            with torch.device("meta"):
                return called(lambda: choice.call(factory), label)
        except ConvwrightError as error:
            if "meta" not in str(error).lower():
                raise
        return called(lambda: choice.call(factory), label)


def _built(factory: Any, choice: ArgumentChoice, module: nn.Module, supplied: tuple[str, ...]) -> BuiltNetwork:
    arguments = {**default_arguments(factory), **choice.keywords}
    rest = [each.name for each in call_signature(factory).parameters.values() if each.kind is each.VAR_POSITIONAL]
    is_own = getattr(factory, "__init__", None) is not nn.Module.__init__ and not factory.__module__.startswith(
        "torch."
    )
    is_open = rest and is_own and not choice.bound.arguments.get(rest[0]) and next(module.parameters(), None) is None
    empty = (f"no {rest[0]}, since nothing gives them",) if is_open else ()
    return BuiltNetwork(module=module, arguments=arguments, assumptions=(*supplied, *choice.assumptions, *empty))
