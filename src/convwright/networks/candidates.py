"""The networks that a file has: its outermost modules, classes, and functions that return a module."""

import ast
import sys
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from types import FunctionType, ModuleType

from torch import nn
from torch.nn.modules.loss import _Loss
from torch.nn.parameter import is_lazy

from ..child_process import announce
from ..errors import ConvwrightError
from ..graph.records import Place
from .building import takes_inputs, try_network, values_of_file
from .evidence.definition_graph import BUILDER, DefinitionGraph
from .evidence.found_calls import is_used_in_a_class
from .evidence.supplied_names import supply_names
from .evidence.values import Values
from .name import NetworkName
from .reading.file_import import load_file, shared_imports
from .reading.left_out import left_out_error, reading_of
from .reading.reader import file_reader

_MOST_VARIANTS = 16


@dataclass(frozen=True, kw_only=True)
class FileNetworks:
    """The networks of a file.

    Attributes
    ----------
    names : tuple of str
        Names of those that can be built.
    failures : mapping of str to ConvwrightError
        Why others could not be built, by name. Blocks of networks are not among them, unless there is nothing else.
    imported : tuple of str
        Networks of other files of the user's that it imports, as `net.py:Net`.
    not_built : tuple of str
        Functions that were not called, since many others make the same class.
    parts : tuple of str
        Layers for networks of other files, of which no input is found.
    """

    names: tuple[str, ...]
    failures: Mapping[str, ConvwrightError] = field(default_factory=dict)
    imported: tuple[str, ...] = ()
    not_built: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


def candidates(file: str, *, run_all: bool = False) -> list[str]:
    """Return the names of the networks of a file that can be built; see `networks_in`."""
    return list(networks_in(file, run_all=run_all).names)


def networks_in(file: str, *, run_all: bool = False, skipped: Container[str] = ()) -> FileNetworks:
    """Return the networks of a file: what it makes, else the functions that return one, else the classes.

    Losses, abstract bases, and the blocks that others are made of are left out. Where functions build variants of a
    class, such as `resnet18` and `resnet34`, they stand for it. Modules without weights, such as poolings, are what a
    file has where it has nothing else.

    Parameters
    ----------
    file : str
        Path of the file.
    run_all : bool
        True runs all of the file, as Python does.
    skipped : container of str
        Networks that are not built, as `net.py:Net`.

    Raises
    ------
    ConvwrightError
        When the file is missing or does not import.
    """
    with file_reader(file, run_all=run_all) as reader:
        module = load_file(file, reader)
        values = values_of_file(file, vars(module), reader)
        found = _networks_in(module, values, file, skipped)
        failures = {**_left_out_classes(module, values, has_others=bool(found.names)), **found.failures}
        return replace(found, failures=failures, imported=tuple(_imported_networks(module)))


def with_network(name: NetworkName) -> NetworkName:
    """Return the name of the only network of a file that is named alone; any other name as it is.

    Raises
    ------
    ConvwrightError
        If the file has no network, or several.
    """
    if name.factory:
        return name
    with shared_imports():
        found = networks_in(name.source, run_all=name.run_all)
    names = (*found.names, *found.not_built)
    if len(names) == 1:
        return replace(name, text=f"{name.source}:{names[0]}")
    if names:
        hint = f"name one as {name.source}:{names[0]}"
        raise ConvwrightError(f"{name.source} has {len(names)} networks: {', '.join(names)}", hint=hint)
    raise no_network_error(name.source, found)


def no_network_error(file: str, networks: FileNetworks) -> ConvwrightError:
    """Return the error for a file without a network that can be built, with the first reason."""
    reason = next(iter(map(str, networks.failures.values())), "")
    if not reason and networks.imported:
        return ConvwrightError(
            f"{file} has no network of its own, it imports {', '.join(networks.imported)}",
            hint=f"name one: {networks.imported[0]}",
        )
    if not reason and networks.parts:
        return ConvwrightError(
            f"{file} has no network of its own, only parts of others that take no input of those tried: "
            f"{', '.join(networks.parts)}",
            hint=f"name one with its inputs: {file}:{networks.parts[0]} --input CxHxW, repeated for several",
        )
    if not reason:
        return ConvwrightError(
            f"{file} has no network", hint=f"name a factory: {file}:NAME, or list it under [tool.convwright]"
        )
    return ConvwrightError(f"{file} has no network that can be built: {reason}")


def _networks_in(module: ModuleType, values: Values, file: str, skipped: Container[str]) -> FileNetworks:
    supply_names(values)
    graph = DefinitionGraph(values)
    made = {name: value for name, value in vars(module).items() if _is_network(value)}
    outermost = [name for name in (*graph.classes, *graph.functions) if name not in graph.parts]
    not_built = _surplus_variants(outermost, graph)
    tried = [name for name in outermost if name not in not_built and f"{file}:{name}" not in skipped]
    attempts = _attempts(tried, graph, values, file, is_alone=not made)
    pending = [name for name in not_built if f"{file}:{name}" not in skipped]
    more = _with_unseen_blocks(pending, attempts, graph, values)
    not_built = tuple(name for name in not_built if name not in more)
    built, assumed, failures = {**attempts.built, **more}, attempts.assumed, attempts.failures
    inner = {type(part) for model in (*made.values(), *built.values()) for path, part in model.named_modules() if path}
    # A class of which the file makes an instance is looked at as that.
    parts_and_made = inner | set(map(type, made.values()))
    classes = {name: built[name] for name in graph.classes if name in built}
    outer = {name: model for name, model in classes.items() if type(model) not in parts_and_made}
    functions = _distinct({name: built[name] for name in graph.functions if name in built}, made.values(), inner)
    for name, model in classes.items():
        variants = [each for each in functions if type(functions[each]) is type(model)]
        if name not in assumed and [_structure(functions[each]) for each in variants] == [_structure(model)]:
            del functions[variants[0]]  # it adds nothing to the class
        elif variants:
            outer.pop(name, None)
    modules = [part for model in made.values() for path, part in model.named_modules() if path]
    whole = [name for name, model in made.items() if all(model is not part for part in modules)]
    found = [name for name in vars(module) if name in outer or name in functions]  # in the order of the file
    stood_for = graph.tried | {type(model).__name__ for model in functions.values()}
    stood_for |= {name for name in failures if graph.maker(name) in {*built, *failures}}
    if whole or found:
        factories = {**graph.classes, **graph.functions}
        looked_at = {type(part) for name in (*whole, *found) for part in {**made, **built}[name].modules()}
        stood_for |= {name for name in failures if factories[name] in looked_at}
        stood_for |= graph.blocks | {name for name in failures if is_used_in_a_class(factories[name], values)}
    return FileNetworks(
        names=(*whole, *found),
        failures={name: error for name, error in failures.items() if name not in stood_for},
        not_built=not_built,
        parts=tuple(name for name in attempts.layers if name not in built and name in graph.classes),
    )


def _left_out_classes(module: ModuleType, values: Values, *, has_others: bool) -> dict[str, ConvwrightError]:
    """Return why classes of the file are not there, such as one whose defaults need a name that was left out.

    Where the file has other networks, only those with a `forward` that are no blocks.
    """
    reading = reading_of(vars(module))
    names, found = reading.names if reading else {}, {}
    for node in values.repository.main.tree.body:
        if isinstance(node, ast.ClassDef) and node.name in names:
            is_network = any(isinstance(part, ast.FunctionDef) and part.name == "forward" for part in node.body)
            if not has_others or (is_network and node.name not in DefinitionGraph(values).blocks):
                found[node.name] = left_out_error(node.name, names[node.name])
    return found


def _imported_networks(module: ModuleType) -> Iterator[str]:
    """Yield the module classes, and the functions that are named like builders, of other files of the user's."""
    for name, value in vars(module).items():
        reading = reading_of(vars(sys.modules.get(getattr(value, "__module__", None) or "", ast)))
        is_class = isinstance(value, type) and issubclass(value, nn.Module)
        is_builder = isinstance(value, FunctionType) and BUILDER.match(name)
        if reading and value.__module__ != module.__name__ and (is_class or is_builder):
            yield f"{Place(file=reading.file, line=1).shown_file}:{name}"


@dataclass(frozen=True, kw_only=True)
class _Attempts:
    """Networks that were built, layers for others, what something was assumed or guessed for, and errors of others."""

    built: dict[str, nn.Module] = field(default_factory=dict)
    layers: dict[str, nn.Module] = field(default_factory=dict)
    assumed: set[str] = field(default_factory=set)
    guessed: set[str] = field(default_factory=set)
    failures: dict[str, ConvwrightError] = field(default_factory=dict)


def _attempts(names: list[str], graph: DefinitionGraph, values: Values, file: str, *, is_alone: bool) -> _Attempts:
    """Build networks; if these fail and the file makes none, what they are made of."""
    found, factories = _Attempts(), {**graph.classes, **graph.functions}
    tried, are_parts = set[str](), False
    while names:
        tried.update(names)
        for name in names:
            announce(f"building {name}", f"{file}:{name}")
            try:
                choice, model = try_network(factories[name], {}, name, values)
            except ConvwrightError as error:
                found.failures.update({} if are_parts else {name: error})
                continue
            if are_parts and choice.is_guess:
                continue  # more likely a block
            shown = Place(file=str(values.repository.main.path), line=1).shown_file
            is_open = choice.assumptions and not any(shown in each for each in choice.assumptions)
            is_layer = not _is_network(model) or (is_open and is_used_in_a_class(factories[name], values))
            (found.layers if is_layer else found.built)[name] = model
            found.assumed.update({name} if choice.assumptions else ())
            found.guessed.update({name} if choice.is_guess else ())
        parts = {part for name in names for part in graph.uses(name)} if is_alone and not found.built else set()
        names, are_parts = sorted(parts - tried), True
    if found.built or not is_alone:
        return found
    # A file may hold nothing but classes of layers for others.
    own = {
        name: layer for name, layer in found.layers.items() if name in graph.classes and not isinstance(layer, _Loss)
    }
    layers = {name: layer for name, layer in own.items() if takes_inputs(layer, name, values)}
    return replace(found, built=layers)


def _surplus_variants(names: Iterable[str], graph: DefinitionGraph) -> tuple[str, ...]:
    """Return the functions after the first few of those that return what the same class or function makes."""
    variants: dict[str, list[str]] = {}
    for name in names:
        if maker := graph.maker(name):
            variants.setdefault(maker, []).append(name)
    return tuple(name for each in variants.values() for name in each[_MOST_VARIANTS:])


def _with_unseen_blocks(
    names: Iterable[str], attempts: _Attempts, graph: DefinitionGraph, values: Values
) -> dict[str, nn.Module]:
    """Build surplus variants, and return those that hold a class which was not, or not surely, built otherwise."""
    seen = {type(part) for name in graph.functions.keys() & attempts.built for part in attempts.built[name].modules()}
    unsure = attempts.guessed | (attempts.failures.keys() & graph.classes.keys())
    unseen = {graph.classes[name] for name in unsure & graph.classes.keys()} - seen
    found: dict[str, nn.Module] = {}
    for name in islice(names, _MOST_VARIANTS):
        if not unseen:
            break
        with suppress(ConvwrightError):
            model = try_network(graph.functions[name], {}, name, values)[1]
            kinds = set(map(type, model.modules()))
            found.update({name: model} if unseen & kinds else {})
            unseen -= kinds
    return found


def _distinct(
    functions: Mapping[str, nn.Module], made: Iterable[nn.Module], inner: Container[type]
) -> dict[str, nn.Module]:
    """Return the functions that build something else than the others, what the file makes, and parts of networks."""
    seen = {(type(model), _structure(model)) for model in made}
    distinct: dict[str, nn.Module] = {}
    for name, model in functions.items():
        key = (type(model), _structure(model))
        is_part = type(model) in inner and not type(model).__module__.startswith(("torch.", "torchvision."))
        if key not in seen and not is_part:
            seen.add(key)
            distinct[name] = model
    return distinct


def _is_network(value: object) -> bool:
    """Return True for a module that is no loss, no layer of torch alone, and nothing without parts and weights."""
    if not isinstance(value, nn.Module) or isinstance(value, _Loss):
        return False
    is_leaf = next(value.children(), None) is None
    is_empty = next(value.parameters(), None) is None
    return not is_leaf or not (is_empty or type(value).__module__.startswith("torch.nn."))


def _structure(model: nn.Module) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Return the names and shapes of the weights; those of lazy layers have no shape yet."""
    weights = model.state_dict(keep_vars=True)
    return tuple((name, () if is_lazy(value) else tuple(value.shape)) for name, value in weights.items())
