"""Progress and results of a study, as its ledger has them."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...reports.to_html import flat
from ...studies import JobEntry, Ledger, Plan, Study, StudyResult, known_result, make_plan, studies, study_named
from ...studies.remaining_time import RemainingTime
from .trainings import FAILED, FINISHED, RUNNING, STOPPED

_FRESH_SECONDS = 5.0  # that a ledger which did not change is believed: a worker that is silent may be dead


@dataclass(frozen=True, kw_only=True, eq=False)
class StudyRuns:
    """The runs of a study at a budget.

    Attributes
    ----------
    study, budget : str
        Their names.
    entries : tuple of JobEntry
        The runs, in the order of their plan.
    num_others : int
        Runs in the ledger of the same study and budget, but with other settings.
    seconds_left : float or None
        At the speed since somebody looked.
    """

    study: str
    budget: str
    entries: tuple[JobEntry, ...]
    num_others: int = 0
    seconds_left: float | None = None

    @property
    def state(self) -> str:
        """State of all of them together."""
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
        """Seeds of all arms, in order."""
        return sorted({entry.seed for entry in self.entries})


class Studies:
    """Ledgers that are looked at again and again; what they say is kept while they do not change."""

    def __init__(self) -> None:
        self._seen: dict[Path, tuple[object, float, list[StudyRuns]]] = {}
        self._paces: dict[tuple[object, ...], RemainingTime] = {}
        self._plans: dict[tuple[object, ...], Plan | None] = {}

    def look_at(self, ledger: Path) -> list[StudyRuns]:
        """Read the studies of a ledger.

        Raises
        ------
        ConvwrightError
            When it is no ledger.
        """
        changed, looked, found = self._seen.get(ledger, (None, 0.0, []))
        if changed == _changed(ledger) and time.monotonic() - looked < _FRESH_SECONDS:
            return found
        found = self._read(ledger)
        self._seen[ledger] = (_changed(ledger), time.monotonic(), found)
        return found

    def _read(self, ledger: Path) -> list[StudyRuns]:
        grouped: dict[tuple[str, str], list[JobEntry]] = {}
        with Ledger(ledger, only_reads=True) as opened:
            for entry in opened.entries():
                grouped.setdefault((entry.study, entry.budget), []).append(entry)
        return [self._one(ledger, *names, tuple(entries)) for names, entries in grouped.items()]

    def _one(self, ledger: Path, study: str, budget: str, entries: tuple[JobEntry, ...]) -> StudyRuns:
        plan = self._plans.get(_key(study, budget, entries))
        own = tuple(entry for entry in entries if plan is None or entry.fingerprint in plan.fingerprints)
        pace = self._paces.setdefault((ledger, study, budget, plan is None), RemainingTime(plan))
        return StudyRuns(
            study=study,
            budget=budget,
            entries=own,
            num_others=len(entries) - len(own),
            seconds_left=pace.seconds_left(own),
        )

    def plan(self, ledger: Path, study: str, budget: str) -> Plan | None:
        """Find the plan of the runs of a study, which may have fewer arms, other seeds or another recipe.

        None where no plan of the library's studies has them. What the ledger has besides is told apart from then on.

        Raises
        ------
        ConvwrightError
            When it cannot be made: its images are not there, say.
        """
        with Ledger(ledger, only_reads=True) as opened:
            entries = tuple(each for each in opened.entries() if (each.study, each.budget) == (study, budget))
            key = _key(study, budget, entries)
            if key not in self._plans:
                done = [each for each in entries if each.state == "done"][-1:]
                results = opened.results([each.fingerprint for each in done])
                recipes = [(each, results[each.fingerprint]["record"]["recipe"]) for each in done]
                self._plans[key] = _plan_of(study, budget, entries, recipes)
                self._seen.pop(ledger, None)
        return self._plans[key]

    def result(self, ledger: Path, runs: StudyRuns) -> StudyResult | None:
        """Return what `convwright study report` would report; None if no run of a known plan is done.

        Raises
        ------
        ConvwrightError
            When the plan cannot be made.
        """
        plan = self.plan(ledger, runs.study, runs.budget)
        if plan is None:
            return None
        with Ledger(ledger, only_reads=True) as opened:
            found = known_result(plan, opened)
        return found if found.runs else None


def _key(study: str, budget: str, entries: Sequence[JobEntry]) -> tuple[object, ...]:
    return study, budget, frozenset(entry.fingerprint for entry in entries)


def _changed(ledger: Path) -> object:
    files = [ledger, ledger.with_name(f"{ledger.name}-wal")]
    return [(each.stat().st_mtime_ns, each.stat().st_size) for each in files if each.exists()]


def _plan_of(
    name: str, budget: str, entries: Sequence[JobEntry], recipes: Sequence[tuple[JobEntry, Mapping[str, Any]]]
) -> Plan | None:
    """Return the plan that has most of the runs: the study as it is, or as the runs seem to have been asked for."""
    if name not in studies() or budget not in study_named(name).budgets:
        return None
    study, theirs = study_named(name), {entry.fingerprint for entry in entries}
    arms = tuple(each for each in study.arm_names if each in {entry.arm for entry in entries})
    seeds = max(entry.seed for entry in entries) + 1
    asked: dict[str, Any] = {"arms": None if arms == study.arm_names else arms}
    asked["seeds"] = None if seeds == study.budget(budget).seeds else seeds
    settings = [{}, asked]
    for entry, recipe in recipes:
        if changed := _overrides(study, budget, entry, recipe):
            settings.append({**asked, "overrides": changed})
    plans = []
    for each in settings:
        plans.append(make_plan(study, budget=budget, **each))
        if theirs == set(plans[-1].fingerprints):
            return plans[-1]
    best = max(plans, key=lambda plan: (len(theirs & set(plan.fingerprints)), -len(plan.jobs)))
    return best if theirs & set(best.fingerprints) else None


def _overrides(study: Study, budget: str, entry: JobEntry, recipe: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the settings in which a run's recipe differs from the study's, as `--set` takes them."""
    if entry.arm not in study.arm_names:
        return ()
    recipe_of_study = study.recipe_of(study.arm(entry.arm), study.budgets[budget], seed=entry.seed)
    own = dict(flat(recipe_of_study.to_dict()))
    changed = {name: value for name, value in flat(recipe) if own.get(name) != value and name != "name"}
    return tuple(f"{name}={value.lower() if value in ('True', 'False') else value}" for name, value in changed.items())
