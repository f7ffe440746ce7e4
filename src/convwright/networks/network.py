"""A network that was opened: its module, and what is known of it before it is traced."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from ..graph.call_sites import CallSite
from ..preprocessing import Preprocessing
from .inputs import USUAL_INPUT
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
    default_input : tuple of int
        A shape it takes, batch included: its own where it declares one, else (1, 3, 224, 224).
    call_sites : mapping of str to CallSite
        The expression that made each module, by path; empty for the zoo and for libraries.
    arguments : mapping
        Values of all keyword parameters of the factory, defaults included; empty for the zoo and for libraries.
    preprocessing : Preprocessing or None
        How images must be prepared for the weights of a library, where it is known; a `ConvNet` has its own.
    assumptions : tuple of str
        What nobody said and was assumed.
    left_out : tuple of LeftOut
        Statements of the user's files that were not run.
    """

    module: nn.Module
    label: str
    default_input: tuple[int, ...] = USUAL_INPUT
    call_sites: Mapping[str, CallSite] = field(default_factory=dict)
    arguments: Mapping[str, Any] = field(default_factory=dict)
    preprocessing: Preprocessing | None = None
    assumptions: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the label, the input shape, the assumptions and what was left out."""
        return {
            "label": self.label,
            "default_input": list(self.default_input),
            "assumptions": list(self.assumptions),
            "left_out": [each.to_dict() for each in self.left_out],
        }
