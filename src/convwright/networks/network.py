"""A network that was opened: its module, and what is known of it before it is traced."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from torch import nn

from ..graph.call_sites import CallSite
from ..graph.inputs import Inputs
from ..preprocessing import Preprocessing
from .guards.guard import NetworkGuard
from .inputs.input_guess import InputGuess
from .inputs.input_search import InputChoice, choose_inputs, with_dtypes
from .inputs.network_input import NetworkInput, as_inputs
from .reading.left_out import LeftOut


@dataclass(frozen=True, kw_only=True, eq=False)
class Network:
    """A network that `open_network` built.

    Attributes
    ----------
    module : nn.Module
        The network as its factory returned it.
    label : str
        Its name in a report.
    given : tuple of NetworkInput
        Inputs that its library declares or that somebody gave; none where they are to be found.
    evidence : callable
        Returns what its file says of its inputs, the strongest first.
    call_sites : mapping of str to CallSite
        The expression that made each module, by path; empty for the zoo and for libraries.
    arguments : mapping
        Values of all keyword parameters of the factory, defaults included; empty for the zoo and for libraries.
    preprocessing : Preprocessing or None
        How images must be prepared for the weights of a library, where it is known; a `ConvNet` has its own.
    assumed : tuple of str
        What was assumed to build it.
    left_out : tuple of LeftOut
        Statements of the user's files that were not run.
    guard : NetworkGuard
        Notes of calls of the network that were kept from fetching, loading or moving to a GPU.
    """

    module: nn.Module
    label: str
    given: tuple[NetworkInput, ...] = ()
    evidence: Callable[[], Iterable[InputGuess]] = field(default=tuple, repr=False)
    call_sites: Mapping[str, CallSite] = field(default_factory=dict)
    arguments: Mapping[str, Any] = field(default_factory=dict)
    preprocessing: Preprocessing | None = None
    assumed: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    guard: NetworkGuard = field(default_factory=NetworkGuard, repr=False)

    @property
    def not_done(self) -> tuple[str, ...]:
        """Sentences on what was not fetched, loaded or moved, while it was built or traced so far."""
        return tuple(self.guard.notes)

    @cached_property
    def choice(self) -> InputChoice:
        """Inputs that it takes, found by tracing it when first asked for."""
        return InputChoice(inputs=self.given) if self.given else choose_inputs(self.module, self.evidence())

    @property
    def inputs(self) -> tuple[NetworkInput, ...]:
        """Inputs that it takes; where none are found that fit, those with which it comes farthest."""
        return self.choice.inputs

    @property
    def example_inputs(self) -> Inputs:
        """The inputs as `graph.trace` takes them."""
        return as_inputs(self.module, self.inputs)

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Sentences that say what nobody said and was assumed, its inputs last."""
        inputs = [self.choice.assumption] * bool(self.choice.assumption)  # found by a trace, which may add to the notes
        return (*self.assumed, *self.not_done, *inputs)

    def with_inputs(self, inputs: tuple[NetworkInput, ...]) -> "Network":
        """Return the same network for these inputs; for no inputs, itself."""
        return replace(self, given=with_dtypes(self.module, inputs)) if inputs else self

    def to_dict(self) -> dict[str, Any]:
        """Return the label, the inputs, the assumptions and what was left out."""
        return {
            "label": self.label,
            "inputs": [each.to_dict() for each in self.inputs],
            "assumptions": list(self.assumptions),
            "left_out": [each.to_dict() for each in self.left_out],
        }
