"""The report of `lint`: findings, and the same grouped by the source line they come from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from torch import nn

from ..analysis.facts import Analysis
from ..graph import Place
from ..graph.call_sites import CallSite
from .finding import Finding, Gain, Severity

SCHEMA = 1  # of the JSON; raised when a key changes its meaning or goes away


@dataclass(frozen=True, kw_only=True)
class FindingGroup:
    """The findings of one rule that come from one line of the source.

    Attributes
    ----------
    findings : tuple of Finding
        In the order of the network.
    """

    findings: tuple[Finding, ...]

    @property
    def first(self) -> Finding:
        """The one whose message stands for all."""
        return self.findings[0]

    @property
    def gain(self) -> Gain:
        """Return the saving of fixing all of them."""
        return sum((finding.gain for finding in self.findings), Gain())

    @property
    def paths(self) -> tuple[str, ...]:
        """The modules, each once."""
        return tuple(dict.fromkeys(finding.path for finding in self.findings))

    def to_dict(self) -> dict[str, Any]:
        """The first finding, with the paths and the gain of all."""
        return self.first.to_dict() | {"paths": list(self.paths), "gain": self.gain.to_dict()}


@dataclass(frozen=True, kw_only=True)
class Report:
    """The findings of one network.

    Attributes
    ----------
    label : str
        What the network is called.
    model : nn.Module
        The network itself.
    findings : tuple of Finding
        One a place, by code.
    analysis : Analysis or None
        Its facts; None when it does not run.
    call_sites : mapping of str to CallSite
        The expression that made each module, where recorded.
    assumptions : tuple of str
        What was assumed to look at it: arguments, inputs.
    not_done : tuple of str
        What was not fetched, loaded or moved meanwhile.
    """

    label: str
    model: nn.Module = field(repr=False)
    findings: tuple[Finding, ...]
    analysis: Analysis | None = field(default=None, repr=False)
    call_sites: Mapping[str, CallSite] = field(default_factory=dict, repr=False)
    assumptions: tuple[str, ...] = ()
    not_done: tuple[str, ...] = ()

    @cached_property
    def groups(self) -> tuple[FindingGroup, ...]:
        """Findings of one rule and one line together: errors first, then warnings, then advice, each by code."""
        groups: dict[tuple[str, CallSite | Place | str], list[Finding]] = {}
        for finding in self.findings:
            site = self.call_sites.get(finding.path) if finding.built else None
            origin = site or finding.place or finding.path
            groups.setdefault((finding.code, origin), []).append(finding)
        order = list(Severity)
        ranked = sorted(groups.items(), key=lambda item: (order.index(item[1][0].severity), item[0][0]))
        return tuple(FindingGroup(findings=tuple(group)) for _, group in ranked)

    def __getstate__(self) -> dict[str, Any]:
        """Return what a person is told: a report that was sent from another process has no network and no trace."""
        return {key: value for key, value in vars(self).items() if key not in ("model", "analysis", "groups")}

    def with_analysis(self, analysis: Analysis | None) -> "Report":
        """Return a report that another process sent, with the facts that it sent beside it."""
        found = object.__new__(Report)
        vars(found).update(vars(self), analysis=analysis)
        return found

    @property
    def is_clean(self) -> bool:
        """True if there is no error and no warning; advice may remain."""
        return all(finding.severity is Severity.ADVICE for finding in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """The JSON of `lint`: a stable contract, see `SCHEMA`."""
        return {
            "schema": SCHEMA,
            "model": self.label,
            "assumptions": [*self.not_done, *self.assumptions],
            "is_clean": self.is_clean,
            "findings": [group.to_dict() for group in self.groups],
        }
