"""A model to be linted: opened, and looked at with the inputs that it takes."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ..child_process import announce
from ..errors import ConvwrightError
from ..networks import Network, NetworkInput
from ..networks.inputs.input_search import InputChoice
from ..networks.inputs.network_input import as_inputs
from .engine import lint
from .report import Report
from .settings import Settings


@dataclass(frozen=True, kw_only=True)
class LintTask:
    """A model to be linted, and how.

    Attributes
    ----------
    load : callable
        Imports its files and builds it.
    inputs : tuple of NetworkInput
        Inputs to trace it with; its own, or those found for it as it was first built, when left out.
    settings : Settings
        As for `lint`.
    label : str
        Its name, for those who wait.
    values : bool
        As for `lint`.
    """

    load: Callable[[], Network]
    inputs: tuple[NetworkInput, ...] = ()
    settings: Settings
    label: str = ""
    values: bool = True
    _first: list[InputChoice] = field(default_factory=list, init=False, repr=False)

    @property
    def file(self) -> str:
        """File or module that the model is in, as its name says."""
        return self.label.rpartition(":")[0]

    def report(self) -> Report:
        """Return the report on the model, built anew; inside `fresh_imports`, its files are imported once."""
        announce(f"linting {self.label}", self.label)
        network = self.load().with_inputs(self.inputs)
        # A fix that changes a layer must not change what the network is looked at with.
        choice = self._first[0] if self._first else network.choice
        self._first[:] = [choice]
        try:
            report = lint(
                network.module,
                as_inputs(network.module, choice.inputs),
                settings=self.settings,
                label=network.label,
                call_sites=network.call_sites,
                values=self.values,
            )
        except ConvwrightError as error:
            if choice.error is None:
                raise
            raise choice.error from error
        assumed = (*network.assumed, *[choice.assumption] * bool(choice.assumption))
        return replace(report, assumptions=(*assumed, *report.assumptions), not_done=network.not_done)
