"""A finding: what is wrong at one place of a network, what fixing it saves, and the fix."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from torch import nn

from ..graph import Op, Place
from .edits import Edit


class Severity(StrEnum):
    """Gravity of a finding."""

    ERROR = "error"
    WARNING = "warning"
    ADVICE = "advice"


class Safety(StrEnum):
    """Effect of a fix on the function of the network."""

    SAME_OUTPUT = "same output"
    CHANGES_TRAINING = "changes training"
    SUGGESTION = "suggestion"


@dataclass(frozen=True, kw_only=True)
class Fix:
    """A way to make a finding go away.

    Attributes
    ----------
    summary : str
        The change in a few words, as an order: "set bias=False".
    safety : Safety
        A suggestion has no edits; the others have.
    edits : tuple of Edit
        Applied together, to the source or to a live module.
    carry : callable, optional
        `carry(old, new)` moves numbers that the edits cannot: it is called with the live network before and after.
    """

    summary: str
    safety: Safety
    edits: tuple[Edit, ...] = ()
    carry: Callable[[nn.Module, nn.Module], None] | None = None

    def __post_init__(self) -> None:
        if (self.safety is Safety.SUGGESTION) == bool(self.edits):
            raise AssertionError("a suggestion has no edits, any other fix has")

    def __getstate__(self) -> dict[str, Any]:
        """Return the words of the fix; see `Report.__getstate__`."""
        return {"summary": self.summary, "safety": self.safety}


def suggestion(summary: str) -> Fix:
    """A fix in words only."""
    return Fix(summary=summary, safety=Safety.SUGGESTION)


def training_fix(summary: str, *edits: Edit, possible: bool = True) -> Fix:
    """Return a fix after which the network is trained (again); a suggestion where its edits are not `possible`."""
    return Fix(summary=summary, safety=Safety.CHANGES_TRAINING, edits=edits) if possible else suggestion(summary)


@dataclass(frozen=True, kw_only=True)
class Gain:
    """Savings of a fix, for one image; negative where it costs."""

    parameters: int = 0
    macs: int = 0
    activation_bytes: int = 0

    def __add__(self, other: "Gain") -> "Gain":
        return Gain(
            parameters=self.parameters + other.parameters,
            macs=self.macs + other.macs,
            activation_bytes=self.activation_bytes + other.activation_bytes,
        )

    def __bool__(self) -> bool:
        return bool(self.parameters or self.macs or self.activation_bytes)

    def to_dict(self) -> dict[str, int]:
        """The figures as plain values."""
        return {"parameters": self.parameters, "macs": self.macs, "activation_bytes": self.activation_bytes}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One rule at one place.

    Attributes
    ----------
    code, name, severity
        Of the rule.
    path : str
        Of the module; "" is the model.
    message : str
        What is there, with the numbers of this network.
    op : Op or None
        The call, where the finding is about one.
    built, called : Place or None
        The lines that constructed the module, and that call it.
    gain : Gain
        What fixing saves.
    fix : Fix or None
        How.
    """

    code: str
    name: str
    severity: Severity
    path: str
    message: str
    op: Op | None = field(default=None, repr=False)
    built: Place | None = None
    called: Place | None = None
    gain: Gain = field(default_factory=Gain)
    fix: Fix | None = None

    @property
    def place(self) -> Place | None:
        """Place to look at in the source: where it was built, else where it is called."""
        return self.built or self.called

    def __getstate__(self) -> dict[str, Any]:
        """Return all but the traced op; see `Report.__getstate__`."""
        return {key: value for key, value in vars(self).items() if key != "op"}

    def to_dict(self) -> dict[str, Any]:
        """The finding as plain values."""
        return {
            "code": self.code,
            "name": self.name,
            "severity": str(self.severity),
            "path": self.path,
            "message": self.message,
            "built": self.built.to_dict() if self.built else None,
            "called": self.called.to_dict() if self.called else None,
            "gain": self.gain.to_dict(),
            "fix": {"summary": self.fix.summary, "safety": str(self.fix.safety)} if self.fix else None,
        }
