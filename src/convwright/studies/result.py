"""What came out of a study: the runs of every arm, what they cost, and what is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .ledger import FAILED, Entry
from .plan import Plan
from .study import TEST_ACCURACY, Expectation
from .summary import StudySummary, summarize


@dataclass(frozen=True, kw_only=True)
class Run:
    """One finished run of an arm.

    Attributes
    ----------
    seed : int
        Of everything random; runs of two arms with the same seed are a pair.
    values : mapping of str to float
        What was measured at the end, by name.
    record : mapping
        All that the training noted: epochs, test, recipe, environment.
    """

    seed: int
    values: Mapping[str, float]
    record: Mapping[str, Any]

    @property
    def seconds(self) -> float:
        """Spent on training."""
        return float(sum(epoch["seconds"] for epoch in self.record["epochs"]))

    @property
    def images_per_second(self) -> float:
        """Speed of the training, over all of it."""
        return float(
            sum(epoch["images_per_second"] * epoch["seconds"] for epoch in self.record["epochs"]) / self.seconds
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "seed": self.seed,
            "values": dict(self.values),
            "seconds": self.seconds,
            "images_per_second": self.images_per_second,
            "record": dict(self.record),
        }


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A run that came to no result."""

    arm: str
    seed: int
    error: str


@dataclass(frozen=True, kw_only=True)
class ArmResult:
    """All runs of an arm.

    Attributes
    ----------
    name, claim, expected
        As the study has them.
    against : str or None
        The arm that it is compared with; None for the baseline.
    costs : mapping
        See `Costs`.
    changes : tuple of str
        Of the recipe, this arm's own.
    runs : tuple of Run
        Those that are done, by seed.
    """

    name: str
    claim: str
    against: str | None
    expected: Expectation | None
    costs: Mapping[str, Any]
    changes: tuple[str, ...]
    runs: tuple[Run, ...]

    def values(self, name: str) -> dict[int, float]:
        """One measured value of every run, by seed."""
        return {run.seed: run.values[name] for run in self.runs}

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "name": self.name,
            "claim": self.claim,
            "against": self.against,
            "expected": self.expected,
            "costs": dict(self.costs),
            "changes": list(self.changes),
            "runs": [run.to_dict() for run in self.runs],
        }


@dataclass(frozen=True, kw_only=True)
class StudyResult:
    """The answer of a study at a budget, as far as it has run.

    Attributes
    ----------
    study, question, expectation, source, baseline, metric, hold_equal
        As the study has them.
    budget : str
        Name of the budget.
    overrides : tuple of str
        What was changed from what the study says.
    recipe : mapping
        What the arms share, changes and overrides in it; the seed in it is of the first run.
    data : mapping
        What identifies the images.
    measures : mapping of str to str
        What each measure is, in words.
    less_is_better : tuple of str
        Of the measures, those of which a lower value is the better one.
    shares : tuple of str
        Of all values, those that are shares of 1.
    arms : tuple of ArmResult
        In the study's order.
    failures : tuple of Failure
        Runs that came to no result.
    num_missing : int
        Runs that nobody has done yet.
    """

    study: str
    question: str
    expectation: str
    source: str
    baseline: str
    metric: str
    hold_equal: Mapping[str, float]
    budget: str
    overrides: tuple[str, ...]
    recipe: Mapping[str, Any]
    data: Mapping[str, Any]
    measures: Mapping[str, str]
    less_is_better: tuple[str, ...]
    shares: tuple[str, ...]
    arms: tuple[ArmResult, ...]
    failures: tuple[Failure, ...] = ()
    num_missing: int = 0

    @property
    def summary(self) -> StudySummary:
        """Estimates, differences, verdicts, and the answer in one sentence."""
        return summarize(self.to_dict())

    def arm(self, name: str) -> ArmResult:
        """The arm called `name`."""
        return next(arm for arm in self.arms if arm.name == name)

    @property
    def environments(self) -> tuple[Mapping[str, Any], ...]:
        """Versions and machines that the runs were made with, each once."""
        found: list[Mapping[str, Any]] = []
        for run in (run for arm in self.arms for run in arm.runs):
            if run.record["environment"] not in found:
                found.append(run.record["environment"])
        return tuple(found)

    def to_dict(self) -> dict[str, Any]:
        """Everything, as plain values."""
        return {
            **{
                name: getattr(self, name)
                for name in ("study", "question", "expectation", "source", "baseline", "metric", "budget")
            },
            "hold_equal": dict(self.hold_equal),
            "overrides": list(self.overrides),
            "recipe": dict(self.recipe),
            "data": dict(self.data),
            "measures": dict(self.measures),
            "less_is_better": list(self.less_is_better),
            "shares": list(self.shares),
            "environments": [dict(each) for each in self.environments],
            "arms": [arm.to_dict() for arm in self.arms],
            "failures": [asdict(each) for each in self.failures],
            "num_missing": self.num_missing,
        }


def study_result(plan: Plan, entries: Sequence[Entry], results: Mapping[str, Mapping[str, Any]]) -> StudyResult:
    """What a ledger knows of a plan.

    Parameters
    ----------
    entries : sequence of Entry
        Of the plan's jobs.
    results : mapping of str to mapping
        What came out of those that are done, by fingerprint.
    """
    study = plan.study
    runs: dict[str, list[Run]] = {name: [] for name in plan.costs}
    for job in plan.jobs:
        if found := results.get(job.fingerprint):
            runs[job.arm].append(Run(seed=job.seed, values=found["values"], record=found["record"]))
    failures = [
        Failure(arm=each.arm, seed=each.seed, error=each.error or "") for each in entries if each.state == FAILED
    ]
    shared = study.recipe.with_overrides([*study.budget(plan.budget).changes, *plan.overrides])
    return StudyResult(
        study=study.name, question=study.question, expectation=study.expectation, source=study.source,
        baseline=study.baseline, metric=study.metric, hold_equal=study.hold_equal, budget=plan.budget,
        overrides=plan.changed, recipe=shared.to_dict(), data=plan.facts,
        measures={name: each.what for each in study.measures for name in each.names},
        less_is_better=tuple(name for each in study.measures if each.less_is_better for name in each.names),
        shares=(TEST_ACCURACY, *(name for each in study.measures if each.is_share for name in each.names)),
        arms=tuple(
            ArmResult(
                name=name, claim=study.arm(name).claim, against=study.compared_with(name),
                expected=study.arm(name).expected, costs=costs.to_dict(), changes=study.arm(name).changes,
                runs=tuple(runs[name]),
            )
            for name, costs in plan.costs.items()
        ),
        failures=tuple(failures),
        num_missing=len(plan.jobs) - len(failures) - sum(len(each) for each in runs.values()),
    )  # fmt: skip
