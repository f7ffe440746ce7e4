"""Fix one finding after another, each confirmed before the next: what is not better is not kept."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from ..errors import ConvwrightError
from .finding import Safety, Severity
from .report import Folded, Report

State = TypeVar("State")
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
    refused: dict[tuple[str, tuple[str, ...]], Attempt] = {}
    # Every fix that is kept lowers the number of findings, so this ends.
    while (folded := _next(reports[0], refused, unsafe=unsafe)) is not None:
        try:
            changed = change(state, reports, folded)
            after = judge(changed)
            refusal = _worse(reports, after, folded)
        except ConvwrightError as error:
            refusal = str(error)
        if refusal:
            refused[_key(folded)] = Attempt(folded=folded, refusal=refusal)
            continue
        state, reports = changed, after
        kept.append(Attempt(folded=folded))
        refused.clear()  # what was in the way may be gone
    return Repaired(state=state, reports=reports, attempts=(*kept, *refused.values()))


def is_fixable(folded: Folded, *, unsafe: bool) -> bool:
    """Whether there are edits for it, of a safety that is allowed."""
    allowed = {Safety.SAME_OUTPUT, Safety.CHANGES_TRAINING} if unsafe else {Safety.SAME_OUTPUT}
    return all(finding.fix is not None and finding.fix.safety in allowed for finding in folded.findings)


def _next(report: Report, refused: dict[tuple[str, tuple[str, ...]], Attempt], *, unsafe: bool) -> Folded | None:
    fixable = (folded for folded in report.folded if is_fixable(folded, unsafe=unsafe))
    return next((folded for folded in fixable if _key(folded) not in refused), None)


def _key(folded: Folded) -> tuple[str, tuple[str, ...]]:
    return folded.first.code, folded.paths


def _worse(before: tuple[Report, ...], after: tuple[Report, ...], folded: Folded) -> str:
    """Why the network is not better after a fix; "" when it is."""
    old, new = ([finding for report in reports for finding in report.findings] for reports in (before, after))
    code, had, has = folded.first.code, Counter(f.code for f in old), Counter(f.code for f in new)
    if has[code] >= had[code]:
        return "the finding is still there afterwards"
    grave = {f.code for f in new if f.severity is not Severity.ADVICE}
    if grown := sorted(other for other in grave if has[other] > had[other]):
        return f"it would bring {', '.join(grown)}"
    if folded.first.severity is Severity.ADVICE and len(new) >= len(old):
        return "it would bring as much other advice"
    return ""
