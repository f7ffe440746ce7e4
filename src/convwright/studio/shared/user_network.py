"""The network of the file that was named: in a process of its own it is opened, and plain values come back."""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TypeVar

from ...child_process import ChildCall, Limits, announce, call, calls
from ...errors import ConvwrightError
from ...networks import Network, NetworkName, open_network, parse_inputs, with_network
from ...networks.inputs.network_input import typed
from ...networks.reading.file_import import fresh_imports, imported_files, users_place
from ...networks.trial import stamps_of
from ..web.worker import others_turn
from .knobs import INPUT, Knob, knobs_of_arguments
from .view import View, built_by, view_of_network

T = TypeVar("T")
Stamps = dict[str, tuple[int, int]]  # time and size of each file


def load(name: NetworkName, inputs: str) -> Network:
    """Open a network for these inputs, as `parse_inputs` takes them; "" for its own."""
    return open_network(name).with_inputs(parse_inputs(inputs))


def in_process(function: Callable[..., T], name: NetworkName, *arguments: object) -> T:
    """Return `function(name, *arguments)`, called in a process of its own; others have their turn meanwhile.

    Raises
    ------
    ConvwrightError
        As the function raises it; when it passes a limit or ends its process.
    """
    with others_turn():
        task = ChildCall(label=name.source, function=function, arguments=(name, *arguments))
        return call(task, limits=Limits(), users_place=users_place)


def steps_in_process(function: Callable[..., Iterator[T]], name: NetworkName, *arguments: object) -> Iterator[T]:
    """Yield what a generator function yields, called as `in_process` does; when the iteration ends, so does it."""
    task: ChildCall[T] = ChildCall(label=name.source, function=function, arguments=(name, *arguments))
    with closing(calls([task], limits=Limits(), users_place=users_place)) as answers:
        while True:
            with others_turn():
                answer = next(answers, None)
            if answer is None:
                return
            if isinstance(answer[1], ConvwrightError):
                raise answer[1]
            yield answer[1]


def knobs_of_network(network: Network) -> tuple[Knob, ...]:
    """Return the knobs of a network that is not of the zoo: its inputs, and its arguments."""
    words = "Channels, height and width; a batch size may stand before them. Several inputs with commas between them."
    help_ = " ".join([words, *[f"Assumed: {network.choice.reason}."] * bool(network.choice.reason)])
    knob = Knob(name=INPUT, kind="word", default=typed(network.inputs), help=help_, is_own=True)
    return (knob, *knobs_of_arguments(network.arguments))


def first_look(name: NetworkName, inputs: str) -> Iterator[NetworkName | tuple[Knob, ...] | Stamps | View]:
    """Yield the name of the network that is meant, its knobs, the stamps of its files, and how it looks.

    Raises
    ------
    ConvwrightError
        When it cannot be built.
    """
    with fresh_imports():
        announce(f"opening {name.text}")
        name = with_network(name)
        yield name
        network = load(name, inputs)
        yield knobs_of_network(network)
        yield stamps_of([name.source, *imported_files()])
        announce(f"tracing {name.text}")
        yield view_of_network(network, name.text)


def look(name: NetworkName, inputs: str) -> Iterator[Stamps | View]:
    """Yield the stamps of the files of a network when it is built, then how it looks."""
    with fresh_imports():
        announce(f"opening {name.text}")
        built = built_by(lambda: load(name, inputs), name.text)
        yield stamps_of([name.source, *imported_files()])
        announce(f"tracing {name.text}")
        yield built if isinstance(built, View) else view_of_network(built, name.text)
