"""The networks that may be opened: the models of the zoo, and the one named on the command line."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import nn

from ...errors import ConvwrightError, unknown
from ...models import families, model_names
from ...networks import NetworkName, open_network
from ...networks.reading.installed import is_source_file
from ...networks.trial import stamps_of
from .design import Design, read_design
from .knobs import INPUT, MODEL, Knob, knobs_of
from .user_network import Stamps, first_look, knobs_of_network, load, look, steps_in_process
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
        self.zoo = frozenset(model_names())
        self._inputs, self._own = inputs, tuple[Knob, ...]()
        self._views: OrderedDict[tuple[Design, tuple[object, ...]], View] = OrderedDict()
        self._stamps: dict[Design, Stamps] = {}
        for option in ["--arg"] * bool(arguments) + ["--input"] * bool(inputs):
            if name.text in self.zoo:
                raise ConvwrightError(option, expected="a model that is not of the zoo", hint="turn the page's knobs")
        self._name = self._open_file(name) if name.is_users else name
        self.named = self._name.text
        if not name.is_users and self.named not in self.zoo:
            self._own = knobs_of_network(load(name, inputs))
        path = Path(self._name.source)
        self.file = path.resolve() if is_source_file(path.name) and path.is_file() else None

    def _open_file(self, name: NetworkName) -> NetworkName:
        """Look at the network of a file for the first time; return its whole name."""
        stamps: Stamps = {}
        for found in steps_in_process(first_look, name, self._inputs):
            match found:
                case NetworkName():
                    name = found
                case tuple():
                    self._own = found
                case View():
                    self._keep_view_of_file(Design(model=name.text), found, stamps)
                case dict():
                    stamps = found
        return name

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

        A file is looked at in another process, for which others do not wait.
        """
        if design.model in self.zoo:
            return self._kept(design, (), lambda: self.look(design))
        if not self.is_users(design):
            name, inputs = self.opened(design)
            return self._kept(design, (), lambda: view_of(lambda: load(name, inputs), design.model))
        stamps = self._stamps.get(design, {})
        key = design, tuple(stamps.items())
        if stamps != stamps_of(stamps) or key not in self._views:
            return self._look_at_file(design)
        return self._kept(*key, lambda: self._look_at_file(design))

    def _kept(self, design: Design, state: tuple[object, ...], look: Callable[[], View]) -> View:
        key = design, state
        if key not in self._views:
            self._views[key] = look()
        self._views.move_to_end(key)
        while len(self._views) > _KEPT:
            self._views.popitem(last=False)
        return self._views[key]

    def _look_at_file(self, design: Design) -> View:
        name, inputs = self.opened(design)
        # Until the process says which files it imports, those beside the file may be among them.
        stamps = stamps_of([name.source, *map(str, sorted(Path(name.source).parent.glob("*.py")))])
        view = View(label=design.model)
        try:
            for found in steps_in_process(look, name, inputs):
                match found:
                    case View():
                        view = found
                    case dict():
                        stamps = found
        except ConvwrightError as error:
            view = replace(view, problem=str(error))
        return self._keep_view_of_file(design, view, stamps)

    def _keep_view_of_file(self, design: Design, view: View, stamps: Stamps) -> View:
        """Keep a view together with the state of the files that it is of."""
        self._stamps[design] = stamps
        return self._kept(design, tuple(stamps.items()), lambda: view)

    def is_users(self, design: Design) -> bool:
        """Return True for a design of a file or package of the user's, which other processes open."""
        return design.model not in self.zoo and self._name.is_users

    def opened(self, design: Design) -> tuple[NetworkName, str]:
        """Return the name of the network that was named with the arguments of a design, and its inputs."""
        arguments = design.options
        inputs = arguments.pop(INPUT, "") or self._inputs
        return replace(self._name, arguments={**self._name.arguments, **arguments}), inputs

    def with_weights(self, design: Design) -> nn.Module:
        """Return the network of a design that is not of the user's, with its initial weights."""
        if design.model in self.zoo:
            return open_network(design.network_name).module
        return load(*self.opened(design)).module

    @staticmethod
    def look(design: Design) -> View:
        """Look at a design of the zoo without keeping the view."""
        return view_of(lambda: open_network(design.network_name, computes=False), design.model)
