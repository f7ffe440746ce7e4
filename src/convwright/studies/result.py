"""Result of a study: the runs of every arm, what they cost, and what is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import Any, Self

from .costs import Costs, PlannedArm
from .ledger import FAILED, JobEntry
from .plan import Plan
from .study import TEST_ACCURACY, Expectation
from .summary import StudySummary, summarize


@dataclass(frozen=True, kw_only=True)
class ArmRun:
    """One finished run of an arm.

    Attributes
    ----------
    seed : int
        Seed of everything random; runs of two arms with the same seed are a pair.
    values : mapping of str to float
        Values measured at the end, by name.
    seconds : float
        Time spent on training.
    images_per_second : float
        Speed of the training, over all of it.
    record : mapping
        `RunRecord.to_dict` of the training; a result that is kept for good may have only some columns of its epochs.
    """

    seed: int
    values: Mapping[str, float]
    seconds: float
    images_per_second: float
    record: Mapping[str, Any]

    @classmethod
    def from_record(cls, seed: int, values: Mapping[str, float], record: Mapping[str, Any]) -> Self:
        """Return the run of a training that left `record`."""
        seconds = float(sum(row["seconds"] for row in record["epochs"]))
        speed = sum(row["images_per_second"] * row["seconds"] for row in record["epochs"]) / seconds
        return cls(seed=seed, values=values, seconds=seconds, images_per_second=float(speed), record=record)

    @property
    def epochs(self) -> Sequence[Mapping[str, Any]]:
        """Measurements of every epoch that is kept."""
        rows: Sequence[Mapping[str, Any]] = self.record["epochs"]
        return rows


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
        Name of the arm that it is compared with; None for the baseline.
    costs : Costs
        On one image.
    changes : tuple of str
        This arm's own changes of the recipe.
    runs : tuple of ArmRun
        The finished ones, by seed.
    """

    name: str
    claim: str
    against: str | None
    expected: Expectation | None
    costs: Costs
    changes: tuple[str, ...]
    runs: tuple[ArmRun, ...]

    def values(self, name: str) -> dict[int, float]:
        """Return one measured value of every run, by seed."""
        return {run.seed: run.values[name] for run in self.runs}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Self:
        """Return the arm that `StudyResult.to_dict` made plain."""
        runs = tuple(ArmRun(**run) for run in plain["runs"])
        costs, changes = Costs.from_dict(plain["costs"]), tuple(plain["changes"])
        return cls(**{**plain, "costs": costs, "changes": changes, "runs": runs})


@dataclass(frozen=True, kw_only=True)
class StudyResult:
    """Answer of a study at a budget, as far as it has run.

    Attributes
    ----------
    study, question, expectation, source, baseline, metric, hold_equal
        As the study has them.
    budget : str
        Name of the budget.
    overrides : tuple of str
        Everything that is not as the study says it.
    recipe : mapping
        Recipe that the arms share, changes and overrides in it; its seed is that of the first run.
    data : mapping
        `ImageData.to_dict` of the images, or the parts of it that are kept.
    measures : mapping of str to str
        Description of each measure.
    less_is_better : tuple of str
        Measures of which a lower value is better.
    shares : tuple of str
        Values that are shares of 1.
    environments : tuple of mapping
        Versions and machines that the runs were made with, each once.
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
    environments: tuple[Mapping[str, Any], ...]
    arms: tuple[ArmResult, ...]
    failures: tuple[Failure, ...] = ()
    num_missing: int = 0

    @cached_property
    def summary(self) -> StudySummary:
        """Estimates, differences, verdicts, and the answer in one sentence."""
        return summarize(self)

    @property
    def num_images(self) -> Mapping[str, int]:
        """Number of images of each split."""
        found: Mapping[str, int] = self.data["num_images"]
        return found

    @property
    def runs(self) -> tuple[ArmRun, ...]:
        """All finished runs, arm by arm."""
        return tuple(run for arm in self.arms for run in arm.runs)

    def arm(self, name: str) -> ArmResult:
        """Return the arm called `name`."""
        return next(arm for arm in self.arms if arm.name == name)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        plain = asdict(self) | {name: list(getattr(self, name)) for name in _TUPLES}
        for arm, own in zip(plain["arms"], self.arms, strict=True):
            arm |= {"costs": own.costs.to_dict(), "changes": list(own.changes), "runs": list(arm["runs"])}
        return plain | {"arms": list(plain["arms"]), "failures": list(plain["failures"])}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Self:
        """Return the result that `to_dict` made plain.

        Raises
        ------
        KeyError, TypeError, AttributeError
            When it is no such result.
        """
        own = {each.name: plain[each.name] for each in fields(cls)} | {name: tuple(plain[name]) for name in _TUPLES}
        arms = tuple(ArmResult.from_dict(arm) for arm in plain["arms"])
        return cls(**own | {"arms": arms, "failures": tuple(Failure(**each) for each in plain["failures"])})


_TUPLES = ("overrides", "less_is_better", "shares", "environments")


def study_result(plan: Plan, entries: Sequence[JobEntry], results: Mapping[str, Mapping[str, Any]]) -> StudyResult:
    """Return what a ledger knows of a plan.

    Parameters
    ----------
    entries : sequence of JobEntry
        Entries of the plan's jobs.
    results : mapping of str to mapping
        Results of the finished ones, by fingerprint.
    """
    study = plan.study
    arms = tuple(_arm_result(arm, plan, results) for arm in plan.arms)
    failures = tuple(Failure(arm=e.arm, seed=e.seed, error=e.error or "") for e in entries if e.state == FAILED)
    environments: list[Mapping[str, Any]] = []
    for run in (run for arm in arms for run in arm.runs):
        if run.record["environment"] not in environments:
            environments.append(run.record["environment"])
    return StudyResult(
        study=study.name,
        question=study.question,
        expectation=study.expectation,
        source=study.source,
        baseline=study.baseline,
        metric=study.metric,
        hold_equal=study.hold_equal,
        budget=plan.budget,
        overrides=plan.changed,
        recipe=plan.recipe.to_dict(),
        data=plan.facts,
        measures={name: each.what for each in study.measures for name in each.names},
        less_is_better=tuple(name for each in study.measures if each.less_is_better for name in each.names),
        shares=(TEST_ACCURACY, *(name for each in study.measures if each.is_share for name in each.names)),
        environments=tuple(environments),
        arms=arms,
        failures=failures,
        num_missing=len(plan.jobs) - len(failures) - sum(len(arm.runs) for arm in arms),
    )


def _arm_result(arm: PlannedArm, plan: Plan, results: Mapping[str, Mapping[str, Any]]) -> ArmResult:
    found = [(job.seed, results[job.fingerprint]) for job in plan.jobs if job.arm == arm and job.fingerprint in results]
    return ArmResult(
        name=arm.name,
        claim=arm.claim,
        against=arm.against,
        expected=arm.expected,
        costs=arm.costs,
        changes=arm.changes,
        runs=tuple(ArmRun.from_record(seed, each["values"], each["record"]) for seed, each in found),
    )
