"""What a ledger says of a study: how far it is, and what came out so far."""

import contextlib
import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..studies import Entry, Ledger, Plan, known_result, make_plan, studies, study_named
from ..studies.pace import Pace
from .run_facts import FAILED, FINISHED, RUNNING, STOPPED

_FRESH_SECONDS = 5.0  # that a ledger which did not change is believed: a worker that is silent may be dead


@dataclass(frozen=True, kw_only=True, eq=False)
class StudyRuns:
    """The runs of a study at a budget.

    Attributes
    ----------
    study, budget : str
        Their names.
    entries : tuple of Entry
        The runs, in the order of their plan.
    seconds_left : float or None
        At the speed since somebody looked.
    """

    study: str
    budget: str
    entries: tuple[Entry, ...]
    seconds_left: float | None = None

    @property
    def state(self) -> str:
        """Where they are, all together."""
        if any(entry.is_alive for entry in self.entries):
            return RUNNING
        if any(entry.is_open for entry in self.entries):
            return STOPPED
        return FAILED if any(entry.state == "failed" for entry in self.entries) else FINISHED

    @property
    def num_ended(self) -> int:
        """Runs that are done or have failed."""
        return sum(not entry.is_open for entry in self.entries)

    @property
    def done(self) -> float:
        """Share of their steps."""
        whole = sum(entry.num_steps for entry in self.entries)
        return sum(entry.step if entry.is_open else entry.num_steps for entry in self.entries) / max(whole, 1)

    @property
    def seeds(self) -> list[int]:
        """Of all arms, in order."""
        return sorted({entry.seed for entry in self.entries})


class Studies:
    """Ledgers that are looked at again and again; what they say is kept while they do not change."""

    def __init__(self) -> None:
        self._seen: dict[Path, tuple[object, float, list[StudyRuns]]] = {}
        self._paces: dict[tuple[Path, str, str], Pace] = {}
        self._plans: dict[tuple[object, ...], Plan | None] = {}
        self._results: dict[tuple[object, ...], Mapping[str, Any]] = {}

    def look_at(self, ledger: Path) -> list[StudyRuns]:
        """The studies in a file; none in one that is no ledger of studies.

        Raises
        ------
        ConvwrightError
            When it cannot be opened.
        """
        changed, looked, found = self._seen.get(ledger, (None, 0.0, []))
        if changed == _changed(ledger) and time.monotonic() - looked < _FRESH_SECONDS:
            return found
        found = self._read(ledger) if _is_ledger(ledger) else []
        self._seen[ledger] = (_changed(ledger), time.monotonic(), found)
        return found

    def _read(self, ledger: Path) -> list[StudyRuns]:
        grouped: dict[tuple[str, str], list[Entry]] = {}
        with Ledger(ledger) as opened:
            for entry in opened.entries():
                grouped.setdefault((entry.study, entry.budget), []).append(entry)
        return [self._one(ledger, *names, tuple(entries)) for names, entries in grouped.items()]

    def _one(self, ledger: Path, study: str, budget: str, entries: tuple[Entry, ...]) -> StudyRuns:
        pace = self._paces.setdefault((ledger, study, budget), Pace())
        return StudyRuns(study=study, budget=budget, entries=entries, seconds_left=pace.seconds_left(entries))

    def plan(self, runs: StudyRuns) -> Plan | None:
        """The plan that these runs are of: the study's own, or one of fewer arms or other seeds; None for another.

        Raises
        ------
        ConvwrightError
            When it cannot be made: its images are not there, say.
        """
        if runs.study not in studies():
            return None
        arms = tuple(dict.fromkeys(entry.arm for entry in runs.entries))
        key = (runs.study, runs.budget, arms, len(runs.seeds))
        if key not in self._plans:
            self._plans[key] = _plan_of(runs, arms)
        return self._plans[key]

    def result(self, ledger: Path, runs: StudyRuns) -> Mapping[str, Any] | None:
        """What `convwright study report` would report; None where no run of a known plan is done.

        Raises
        ------
        ConvwrightError
            When the plan cannot be made.
        """
        plan = self.plan(runs)
        ended = frozenset(entry.fingerprint for entry in runs.entries if not entry.is_open)
        if plan is None or not any(
            entry.state == "done" and entry.fingerprint in plan.fingerprints for entry in runs.entries
        ):
            return None
        key = (ledger, runs.study, runs.budget, ended)
        if key not in self._results:
            with Ledger(ledger) as opened:
                self._results[key] = known_result(plan, opened).to_dict()
        return self._results[key]


def _changed(ledger: Path) -> object:
    files = [ledger, ledger.with_name(f"{ledger.name}-wal")]
    return [(each.stat().st_mtime_ns, each.stat().st_size) for each in files if each.exists()]


def _is_ledger(path: Path) -> bool:
    """Whether the file has a ledger's tables: opened as one, any other database would be given them."""
    try:
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as file:
            file.execute("SELECT schema_version FROM convwright_ledger")
    except sqlite3.Error:
        return False
    return True


def _plan_of(runs: StudyRuns, arms: Sequence[str]) -> Plan | None:
    study = study_named(runs.study)
    if runs.budget not in study.budgets:
        return None
    theirs = {entry.fingerprint for entry in runs.entries}
    plan = make_plan(study, budget=runs.budget)
    if not theirs <= set(plan.fingerprints) and set(arms) <= set(study.arm_names):
        some = None if set(arms) == set(study.arm_names) else arms
        seeds = max(runs.seeds) + 1
        plan = make_plan(study, budget=runs.budget, arms=some, seeds=None if seeds == _seeds_of(plan) else seeds)
    return plan if theirs & set(plan.fingerprints) else None


def _seeds_of(plan: Plan) -> int:
    return len(plan.jobs) // len(plan.costs)
