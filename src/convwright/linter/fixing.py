"""Fix one finding after another, each confirmed before the next: what is not better is not kept."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

import torch

from ..errors import ConvwrightError
from ..graph.module_tree import ModuleTree, unwrap
from .edits import RewriteCall, Swap
from .finding import Finding, Safety, Severity
from .report import Folded, Report

State = TypeVar("State")
_Key = tuple[str, tuple[str, ...]]  # code and paths
# What is said of the network that is fixed, and then of others that share its source and must not suffer.
Judge = Callable[[State], tuple[Report, ...]]


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A fix that was tried.

    Attributes
    ----------
    folded : Folded
        The findings it is for.
    refusal : str
        Why it was not kept; "" when it was.
    """

    folded: Folded
    refusal: str = ""


@dataclass(frozen=True, kw_only=True)
class Trial(Generic[State]):
    """What one fix would make.

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
class Repaired(Generic[State]):
    """What is left after fixing.

    Attributes
    ----------
    state
        With every fix that was kept.
    reports : tuple of Report
        What remains to be said of it; see `Judge`.
    attempts : tuple of Attempt
        In order; of what was refused, the last try.
    """

    state: State
    reports: tuple[Report, ...]
    attempts: tuple[Attempt, ...]

    @property
    def fixed(self) -> tuple[Folded, ...]:
        """The findings that are gone."""
        return tuple(attempt.folded for attempt in self.attempts if not attempt.refusal)

    @property
    def refused(self) -> tuple[Attempt, ...]:
        """The fixes that were not kept."""
        return tuple(attempt for attempt in self.attempts if attempt.refusal)


def repair(
    state: State,
    *,
    judge: Judge[State],
    change: Callable[[State, tuple[Report, ...], Folded], State],
    unsafe: bool,
) -> Repaired[State]:
    """Apply every fix that has edits and leaves the network better.

    Parameters
    ----------
    state
        What is edited: a module, or texts of source files.
    judge : callable
        `judge(state)` lints it.
    change : callable
        `change(state, reports, folded)` returns another state in which the findings are fixed.
    unsafe : bool
        Whether fixes that change what is learned are allowed.
    """
    reports = judge(state)
    kept: list[Attempt] = []
    refused: dict[_Key, Attempt] = {}
    stops: set[_Key] = set()
    # What stops a network is fixed once a place. Every other fix that is kept lowers the number of errors and warnings,
    # or leaves that and lowers the number of findings. So this ends.
    while (folded := _next(reports[0], {*refused, *stops}, unsafe=unsafe)) is not None:
        trial = tried(state, reports, folded, judge=judge, change=change)
        if trial.refusal:
            refused[_key(folded)] = Attempt(folded=folded, refusal=trial.refusal)
            continue
        stops |= {_key(folded)} if reports[0].analysis is None else set()
        state, reports = trial.state, trial.reports
        kept.append(Attempt(folded=folded))
        refused.clear()  # what was in the way may be gone
    return Repaired(state=state, reports=reports, attempts=(*kept, *refused.values()))


def tried(
    state: State,
    reports: tuple[Report, ...],
    folded: Folded,
    *,
    judge: Judge[State],
    change: Callable[[State, tuple[Report, ...], Folded], State],
) -> Trial[State]:
    """Apply the fix of these findings, and say whether the network is better; see `repair`."""
    try:
        changed = change(state, reports, folded)
        after = judge(changed)
    except ConvwrightError as error:
        return Trial(state=state, reports=reports, refusal=str(error))
    return Trial(state=changed, reports=after, refusal=_worse(reports, after, folded))


def is_fixable(folded: Folded, *, unsafe: bool) -> bool:
    """Whether there are edits for it, of a safety that is allowed."""
    allowed = {Safety.SAME_OUTPUT, Safety.CHANGES_TRAINING} if unsafe else {Safety.SAME_OUTPUT}
    return all(finding.fix is not None and finding.fix.safety in allowed for finding in folded.findings)


def _next(report: Report, tried: Collection[_Key], *, unsafe: bool) -> Folded | None:
    fixable = (folded for folded in report.folded if is_fixable(folded, unsafe=unsafe))
    return next((folded for folded in fixable if _key(folded) not in tried), None)


def _key(folded: Folded) -> _Key:
    return folded.first.code, folded.paths


def _worse(before: tuple[Report, ...], after: tuple[Report, ...], folded: Folded) -> str:
    """Why the network is not better after a fix; "" when it is."""
    if changed := _bystander(before[0], after[0], folded):
        return f"it would also change `{changed}`"
    return why_not_better(before, after, folded)


def why_not_better(before: tuple[Report, ...], after: tuple[Report, ...], folded: Folded) -> str:
    """What speaks against a change that is meant to make findings go away; "" when nothing does."""
    # What is seen for the first time of a network that did not run counts for nothing.
    pairs = [pair for pair in zip(before, after, strict=True) if pair[0].analysis is not None]
    had, has = (Counter(_kind(f) for pair in pairs for f in pair[which].findings) for which in (0, 1))
    kind, is_failure = _kind(folded.first), before[0].analysis is None
    if has[kind] >= had[kind] if not is_failure else _key(folded) in map(_key, after[0].folded):
        return "the finding is still there afterwards"
    if grown := sorted(code for code, is_advice in has - had if not is_advice):
        return f"it would bring {', '.join(grown)}"
    if not is_failure and folded.first.severity is Severity.ADVICE and has.total() >= had.total():
        return "it would bring as much other advice"
    return ""


def _kind(finding: Finding) -> tuple[str, bool]:
    return finding.code, finding.severity is Severity.ADVICE


def _bystander(before: Report, after: Report, folded: Folded) -> str:
    """A module that a fix of the same output changes without saying so, a copy of what it edits; "" when none."""
    if folded.first.fix is None or folded.first.fix.safety is not Safety.SAME_OUTPUT:
        return ""
    fixes = [f.fix for f in before.findings if f.code == folded.first.code and f.fix]
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
