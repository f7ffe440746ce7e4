"""A network as a command line orders it, and the options that every verb has for one."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, Any, get_type_hints

import typer

from ..child_process import DEFAULT_SECONDS, Limits, announce
from ._arguments import Arguments, Inputs, MemoryLimit, NoValues, RunAll, TimeLimit
from ._own_process import limits_of

if TYPE_CHECKING:
    from ..analysis.facts import Analysis
    from ..graph.inputs import Inputs as TracedInputs
    from ..networks import Network

_FIELD = "network"


@dataclass(frozen=True, kw_only=True)
class NetworkOrder:
    """A network that a verb is to look at.

    Attributes
    ----------
    model : str
        Its name; "" where the verb takes several, before one of them is chosen.
    inputs : tuple of str
        Inputs as `--input` gives them; none where they are found.
    arguments : tuple of str
        Arguments of its factory as `--arg` gives them.
    run_all : bool
        True runs every statement of the user's files.
    values : bool
        False forbids computing where shapes do not suffice.
    limits : Limits
        Limits of the process that opens a file of the user's.

    Examples
    --------
    >>> NetworkOrder(model="resnet20").inputs_of(NetworkOrder(model="resnet20").opened())
    [(1, 3, 32, 32)]
    """

    model: str = ""
    inputs: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    run_all: bool = False
    values: bool = True
    limits: Limits = field(default_factory=Limits)

    def opened(self, *, computes: bool = False) -> "Network":
        """Open the network, in eval mode; a zoo network has weights only where it `computes`."""
        from ..networks import NetworkName, open_network, parse_arguments

        name = NetworkName(text=self.model, arguments=parse_arguments(self.arguments), run_all=self.run_all)
        network = open_network(name, computes=computes)
        network.module.eval()
        return network

    def inputs_of(self, network: "Network") -> "TracedInputs":
        """Return every input, batch included: as given, else those that the network declares, or that fit it."""
        from ..networks import parse_input

        network = network.with_inputs(tuple(parse_input(text) for text in self.inputs))
        if network.choice.error is not None:
            raise network.choice.error
        for assumption in network.assumptions:
            typer.echo(f"assumed: {assumption}", err=True)
        return network.example_inputs

    def analyzed(self, *, computes: bool = False, train: bool = False) -> "tuple[Network, Analysis]":
        """Open the network and analyze it."""
        from ..analysis.analyze import analyze

        announce(f"analyzing {self.model}")
        network = self.opened(computes=computes)
        inputs = self.inputs_of(network)
        return network, analyze(network.module, inputs, label=network.label, values=self.values, train=train)


def network_options(
    inputs: Inputs = None,
    arguments: Arguments = None,
    run_all: RunAll = False,
    no_values: NoValues = False,
    time_limit: TimeLimit = DEFAULT_SECONDS,
    memory_limit: MemoryLimit = None,
) -> NetworkOrder:
    """Return the order that the options of a command line give, without the name of a network."""
    return NetworkOrder(
        inputs=tuple(inputs or ()),
        arguments=tuple(arguments or ()),
        run_all=run_all,
        values=not no_values,
        limits=limits_of(time_limit, memory_limit),
    )


def with_network_options(verb: Callable[..., None]) -> Callable[..., None]:
    """Decorate a verb: the options of `network_options` stand in the place of its parameter `network`.

    >>> @with_network_options
    ... def show(model: str, network: NetworkOrder, depth: int = 1) -> None:
    ...     print(model, network.arguments)
    >>> [*inspect.signature(show).parameters][:3], [*inspect.signature(show).parameters][-1]
    (['model', 'inputs', 'arguments'], 'depth')
    >>> show(model="resnet18", arguments=["num_classes=10"])
    resnet18 ('num_classes=10',)
    """
    own, options = (dict(inspect.signature(each).parameters) for each in (verb, network_options))
    parameters: list[inspect.Parameter] = []
    for name, parameter in own.items():
        parameters += [*options.values()] if name == _FIELD else [parameter]

    @wraps(verb)
    def command(**given: Any) -> None:
        chosen = {name: given.pop(name) for name in options if name in given}
        verb(**given, **{_FIELD: network_options(**chosen)})

    hints = get_type_hints(verb, include_extras=True) | get_type_hints(network_options, include_extras=True)
    keyword = [each.replace(kind=each.KEYWORD_ONLY, annotation=hints[each.name]) for each in parameters]
    command.__signature__ = inspect.Signature(keyword)  # type: ignore[attr-defined]
    command.__annotations__ = {each.name: each.annotation for each in keyword}
    return command
