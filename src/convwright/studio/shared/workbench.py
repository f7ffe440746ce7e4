"""The networks that may be opened: the models of the zoo, and the one named on the command line."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import nn

from ...errors import ConvwrightError, unknown
from ...linter import Settings
from ...linter.lint_task import LintTask
from ...models import families, model_names
from ...networks import Network, NetworkName, open_network, parse_inputs, with_network
from ...networks.inputs.network_input import typed
from ...networks.reading.file_import import fresh_imports
from ...networks.reading.installed import is_source_file
from ...networks.trial import Trials
from ..web.worker import others_turn
from .design import Design, read_design
from .knobs import INPUT, MODEL, Knob, knobs_of, knobs_of_arguments
from .view import View, view_of

FIRST = "resnet50"
_KEPT = 6  # views, of some megabytes each: more make every search for garbage longer than a look


class Workbench:
    """Designs in, views out; those of the zoo are kept.

    Parameters
    ----------
    named : str
        MODEL of the command line; "" for none. No other file is ever opened.
    arguments : mapping, optional
        Keyword arguments for its factory; see `parse_arguments`.
    run_all : bool
        True runs all of its file, as Python would; else only what defines something.
    inputs : str
        Its inputs, as for `parse_inputs`; "" for those that it declares or that are found.

    Attributes
    ----------
    zoo : frozenset of str
        The models that anybody may open.
    file : Path or None
        The file that was named, where one was: the only one that is ever edited.

    Raises
    ------
    ConvwrightError
        When there is no such model; for arguments of one that has knobs for them.
    """

    def __init__(
        self, named: str = "", arguments: Mapping[str, Any] | None = None, *, run_all: bool = False, inputs: str = ""
    ) -> None:
        name = NetworkName(text=named or FIRST, arguments=dict(arguments or {}), run_all=run_all)
        self._trials = Trials(others_turn)
        self._trials.require(name, parse_inputs(inputs))
        self._name = with_network(name)
        self.named = self._name.text
        self.zoo = frozenset(model_names())
        path = Path(self._name.source)
        self.file = path.resolve() if is_source_file(path.name) and path.is_file() else None
        self._views: OrderedDict[tuple[Design, tuple[object, ...]], View] = OrderedDict()
        self._inputs = inputs
        for option in ["--arg"] * bool(arguments) + ["--input"] * bool(inputs):
            if self.named in self.zoo:
                raise ConvwrightError(option, expected="a model that is not of the zoo", hint="turn the page's knobs")
        self._own = () if self.named in self.zoo else _knobs_of_file(_load(self._name, inputs))

    @property
    def first(self) -> Design:
        """The design that a page without an address shows."""
        return Design(model=self.named)

    def models(self) -> dict[str, list[str]]:
        """Return the names that can be chosen, by family; a model named on the command line comes first."""
        own = {} if self.named in self.zoo else {"yours": [self.named]}
        return own | {name: list(family.variants) for name, family in families().items()}

    def knobs(self, model: str) -> tuple[Knob, ...]:
        """Return the knobs of a model.

        Raises
        ------
        ConvwrightError
            For a model that may not be opened.
        """
        if model in self.zoo:
            return knobs_of(model)
        if model != self.named:
            raise unknown("model", model, model_names(), hint="a file is opened by `convwright studio FILE:FACTORY`")
        return self._own

    def design(self, query: Mapping[str, str]) -> Design:
        """Read the design of an address; an empty query gives the first one.

        Raises
        ------
        ConvwrightError
            For a model that may not be opened, a knob that it does not have, or a value that the knob cannot take.
        """
        texts = dict(query)
        model = texts.pop(MODEL, self.named)
        return read_design(model, texts, self.knobs(model))

    def view(self, design: Design) -> View:
        """Look at a design; views are kept, those of a file until it, or what it imports, is edited.

        A file is tried in another process first, for which others do not wait.
        """
        if design.model in self.zoo:
            return self._kept(design, (), lambda: self.look(design))
        name, inputs = self._opened(design)
        try:
            stamps = self._trials.require(name, parse_inputs(inputs))
        except ConvwrightError as error:
            return View(label=design.model, problem=str(error))
        return self._kept(design, tuple(stamps.items()), lambda: self._look_at_file(design))

    def _kept(self, design: Design, state: tuple[object, ...], look: Callable[[], View]) -> View:
        key = design, state
        if key not in self._views:
            self._views[key] = look()
        self._views.move_to_end(key)
        while len(self._views) > _KEPT:
            self._views.popitem(last=False)
        return self._views[key]

    def _look_at_file(self, design: Design) -> View:
        with fresh_imports():
            return view_of(self.assignment(design).load, design.model)

    def _opened(self, design: Design) -> tuple[NetworkName, str]:
        """Return the name of a file's network with the arguments of a design, and its inputs."""
        arguments = design.options
        inputs = arguments.pop(INPUT, "") or self._inputs
        return replace(self._name, arguments={**self._name.arguments, **arguments}), inputs

    def assignment(self, design: Design) -> LintTask:
        """Return a design of a file as the linter takes it to edit the source."""
        name, inputs = self._opened(design)
        return LintTask(load=lambda: _load(name, inputs), settings=Settings())

    def with_weights(self, design: Design) -> nn.Module:
        """Return the network of a design with its initial weights."""
        if design.model in self.zoo:
            return open_network(design.network_name).module
        network = self._look_at_file(design).network  # its numbers may be changed
        assert network is not None  # noqa: S101 - its view is asked before
        return network.module

    @staticmethod
    def look(design: Design) -> View:
        """Look at a design of the zoo without keeping the view."""
        return view_of(lambda: open_network(design.network_name, computes=False), design.model)


def _load(name: NetworkName, input_text: str) -> Network:
    return open_network(name).with_inputs(parse_inputs(input_text))


def _knobs_of_file(network: Network) -> tuple[Knob, ...]:
    words = "Channels, height and width; a batch size may stand before them. Several inputs with commas between them."
    help_ = " ".join([words, *[f"Assumed: {network.choice.reason}."] * bool(network.choice.reason)])
    knob = Knob(name=INPUT, kind="word", default=typed(network.inputs), help=help_, is_own=True)
    return (knob, *knobs_of_arguments(network.arguments))
