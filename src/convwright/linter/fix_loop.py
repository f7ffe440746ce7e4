"""Apply one fix after another; a fix is kept only if the network is linted again and is better."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

import torch

from ..errors import ConvwrightError
from ..graph.module_tree import ModuleTree, unwrap
from .edits import RewriteCall, Swap
from .finding import Finding, Safety, Severity
from .report import FindingGroup, Report

State = TypeVar("State")
_Key = tuple[str, tuple[str, ...]]  # code and paths
# What is said of the network that is fixed, and then of others that share its source and must not suffer.
Judge = Callable[[State], tuple[Report, ...]]


@dataclass(frozen=True, kw_only=True)
class FixOutcome:
    """Outcome of a fix.

    Attributes
    ----------
    group : FindingGroup
        The findings it is for.
    refusal : str
        Why it was not kept; "" when it was.
    """

    group: FindingGroup
    refusal: str = ""


@dataclass(frozen=True, kw_only=True)
class FixAttempt(Generic[State]):
    """State that one fix would make, and the reports on it.

    Attributes
    ----------
    state
        With it, or as it was where it cannot be applied.
    reports : tuple of Report
        What is said then; see `Judge`.
    refusal : str
        Why it is not to be kept; "" when it is.
    """

    state: State
    reports: tuple[Report, ...]
    refusal: str = ""


@dataclass(frozen=True, kw_only=True)
class FixResult(Generic[State]):
    """State after fixing, and the reports on it.

    Attributes
    ----------
    state
        With every fix that was kept.
    reports : tuple of Report
        What remains to be said of it; see `Judge`.
    outcomes : tuple of FixOutcome
        In order; for a refused fix, the last attempt.
    """

    state: State
    reports: tuple[Report, ...]
    outcomes: tuple[FixOutcome, ...]

    @property
    def fixed(self) -> tuple[FindingGroup, ...]:
        """The findings that are gone."""
        return tuple(outcome.group for outcome in self.outcomes if not outcome.refusal)

    @property
    def refused(self) -> tuple[FixOutcome, ...]:
        """The fixes that were not kept."""
        return tuple(outcome for outcome in self.outcomes if outcome.refusal)


def apply_fixes(
    state: State,
    *,
    judge: Judge[State],
    change: Callable[[State, tuple[Report, ...], FindingGroup], State],
    unsafe: bool,
    reports: tuple[Report, ...] | None = None,
) -> FixResult[State]:
    """Apply every fix that has edits and leaves the network better.

    Parameters
    ----------
    state
        What is edited: a module, or texts of source files.
    judge : callable
        `judge(state)` lints it.
    change : callable
        `change(state, reports, group)` returns another state in which the findings are fixed.
    unsafe : bool
        Whether fixes that change what is learned are allowed.
    reports : tuple of Report, optional
        What `judge(state)` would return, where it is known.
    """
    reports = reports or judge(state)
    kept: list[FixOutcome] = []
    refused: dict[_Key, FixOutcome] = {}
    stops: set[_Key] = set()
    # What stops a network is fixed once a place. Every other fix that is kept lowers the number of errors and warnings,
    # or leaves that and lowers the number of findings. So this ends.
    while (group := _next(reports[0], {*refused, *stops}, unsafe=unsafe)) is not None:
        result = attempt(state, reports, group, judge=judge, change=change)
        if result.refusal:
            refused[_key(group)] = FixOutcome(group=group, refusal=result.refusal)
            continue
        stops |= {_key(group)} if reports[0].analysis is None else set()
        state, reports = result.state, result.reports
        kept.append(FixOutcome(group=group))
        refused.clear()  # what was in the way may be gone
    return FixResult(state=state, reports=reports, outcomes=(*kept, *refused.values()))


def attempt(
    state: State,
    reports: tuple[Report, ...],
    group: FindingGroup,
    *,
    judge: Judge[State],
    change: Callable[[State, tuple[Report, ...], FindingGroup], State],
) -> FixAttempt[State]:
    """Apply the fix of these findings, and say whether the network is better; see `repair`."""
    try:
        changed = change(state, reports, group)
        after = judge(changed)
    except ConvwrightError as error:
        return FixAttempt(state=state, reports=reports, refusal=str(error))
    bystander = _bystander(reports[0], after[0], group)
    refusal = f"it would also change `{bystander}`" if bystander else why_not_better(reports, after, group)
    return FixAttempt(state=changed, reports=after, refusal=refusal)


def is_fixable(group: FindingGroup, *, unsafe: bool) -> bool:
    """Return True if there are edits for it, of a safety that is allowed."""
    allowed = {Safety.SAME_OUTPUT, Safety.CHANGES_TRAINING} if unsafe else {Safety.SAME_OUTPUT}
    return all(finding.fix is not None and finding.fix.safety in allowed for finding in group.findings)


def _next(report: Report, seen: Collection[_Key], *, unsafe: bool) -> FindingGroup | None:
    fixable = (group for group in report.groups if is_fixable(group, unsafe=unsafe))
    return next((group for group in fixable if _key(group) not in seen), None)


def _key(group: FindingGroup) -> _Key:
    return group.first.code, group.paths


def why_not_better(before: tuple[Report, ...], after: tuple[Report, ...], group: FindingGroup) -> str:
    """Return what speaks against a change that is meant to make findings go away; "" when nothing does."""
    # What is seen for the first time of a network that did not run counts for nothing.
    pairs = [pair for pair in zip(before, after, strict=True) if pair[0].analysis is not None]
    had, has = (Counter(_kind(f) for pair in pairs for f in pair[which].findings) for which in (0, 1))
    kind, is_failure = _kind(group.first), before[0].analysis is None
    if has[kind] >= had[kind] if not is_failure else _key(group) in map(_key, after[0].groups):
        return "the finding is still there afterwards"
    if grown := sorted(code for code, is_advice in has - had if not is_advice):
        return f"it would bring {', '.join(grown)}"
    if not is_failure and group.first.severity is Severity.ADVICE and has.total() >= had.total():
        return "it would bring as much other advice"
    return ""


def _kind(finding: Finding) -> tuple[str, bool]:
    return finding.code, finding.severity is Severity.ADVICE


def _bystander(before: Report, after: Report, group: FindingGroup) -> str:
    """A module that a fix of the same output changes without saying so, a copy of what it edits; "" when none."""
    if group.first.fix is None or group.first.fix.safety is not Safety.SAME_OUTPUT:
        return ""
    fixes = [f.fix for f in before.findings if f.code == group.first.code and f.fix]
    edits = [edit for fix in fixes for edit in fix.edits if not isinstance(edit, RewriteCall)]
    said = {edit.path for edit in edits} | {edit.other for edit in edits if isinstance(edit, Swap)}
    new = {path: own for paths, own in _own_parameters(after) for path in paths}
    for paths, own in _own_parameters(before):
        is_said = any(path == each or path.startswith(f"{each}.") for path in paths for each in said)
        if not is_said and new.get(paths[0], own) != own:
            return paths[0]
    return ""


def _own_parameters(report: Report) -> Iterator[tuple[list[str], tuple[str, dict[str, torch.Size]]]]:
    """The paths of each module, with its class and the shapes of its own parameters."""
    for module, paths in ModuleTree(unwrap(report.model)).modules.values():
        shapes = {name: parameter.shape for name, parameter in module.named_parameters(recurse=False)}
        yield paths, (type(module).__qualname__, shapes)
