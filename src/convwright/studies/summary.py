"""Summary of a study's result: an estimate per arm, the differences, the costs, and the answer."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ..errors import ConvwrightError, require_choice
from ..statistics import Estimate, binomial_error, estimate, pareto_front
from ..training.evaluate import wilson_interval
from .answer import answer
from .comparisons import PairedDifference, Verdict, compare
from .metric import Metric
from .power import seeds_to_settle
from .study import COSTS, EXPECTATIONS, TEST_ACCURACY

if TYPE_CHECKING:
    from .result import ArmResult, Failure, StudyResult

SETTLED = (0.0025, 0.005, 0.01)
"""Differences of shares for which the seeds that would settle them are counted."""

SAME = 0.01
"""Shares whose whole interval differs by less count as the same."""


class Agreement(StrEnum):
    """Agreement of what was measured with what was expected of an arm."""

    AGREES = "agrees"
    DISAGREES = "disagrees"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, kw_only=True)
class SetSpread:
    """Spread of an accuracy over other choices of test images; all arms and seeds share those that there are.

    Attributes
    ----------
    num_images : int
    accuracy : float
        The baseline's mean.
    standard_error : float
        Standard error of a share of so many images.
    interval : tuple of float
        Wilson's 95 % interval of that accuracy.
    """

    num_images: int
    accuracy: float
    standard_error: float
    interval: tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class ArmSummary:
    """Numbers of one arm.

    Attributes
    ----------
    name : str
    claim : str
        Description of the arm, or a claim about it.
    against : str or None
        The arm that it is compared with; None for the baseline.
    expected : str or None
        Against that one, as the study has it.
    costs : dict of str to float
        Such as "parameters" and "macs".
    estimates : dict of str to Estimate
        By name of the value, over the seeds that finished.
    difference : PairedDifference or None
        To that one; None for the baseline, and where no seed is common.
    agreement : Agreement or None
        With what the study expects of the arm; None where it expects nothing.
    seeds_to_settle : dict of float to int
        For differences of a share, how many common seeds would find them four times in five at this arm's spread; empty
        where none was seen.
    failed_seeds : tuple of int
        Seeds that did not finish: they are missing from every mean.
    """

    name: str
    claim: str
    against: str | None
    expected: str | None
    costs: dict[str, float]
    estimates: dict[str, Estimate]
    difference: PairedDifference | None
    agreement: Agreement | None
    seeds_to_settle: dict[float, int]
    failed_seeds: tuple[int, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "name": self.name,
            "claim": self.claim,
            "against": self.against,
            "expected": self.expected,
            "costs": self.costs,
            "estimates": {name: found.to_dict() for name, found in self.estimates.items()},
            "difference": self.difference.to_dict() if self.difference else None,
            "agreement": str(self.agreement) if self.agreement else None,
            "seeds_to_settle": {f"{gap:g}": number for gap, number in self.seeds_to_settle.items()},
            "failed_seeds": list(self.failed_seeds),
        }


@dataclass(frozen=True, kw_only=True)
class StudySummary:
    """Numbers of a study.

    Attributes
    ----------
    metric : Metric
        Metric by which arms are compared.
    metrics : dict of str to Metric
        All that is known of a run, by name.
    baseline : str
    arms : tuple of ArmSummary
        In the study's order.
    fronts : dict of str to tuple of str
        For each cost, the arms that no other beats at that cost.
    set_spread : SetSpread or None
        None where the metric is no test accuracy.
    answer : str
        In one sentence.
    """

    metric: Metric
    metrics: dict[str, Metric]
    baseline: str
    arms: tuple[ArmSummary, ...]
    fronts: dict[str, tuple[str, ...]]
    set_spread: SetSpread | None
    answer: str

    @property
    def common_reference(self) -> str | None:
        """The arm that all others are compared with; None where there are several."""
        found = {arm.against for arm in self.arms if arm.against}
        return None if found - {self.baseline} else self.baseline

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "answer": self.answer,
            "metric": self.metric.name,
            "baseline": self.baseline,
            "arms": [arm.to_dict() for arm in self.arms],
            "fronts": {cost: list(names) for cost, names in self.fronts.items()},
            "set_spread": asdict(self.set_spread) if self.set_spread else None,
        }


def summarize(result: "StudyResult") -> StudySummary:
    """Return the summary of a study's result.

    Raises
    ------
    ConvwrightError
        For a baseline, or another arm to compare with, that is none, a run without the metric, an expectation of
        another kind.
    """
    names = dict.fromkeys([result.metric, *(name for run in result.runs for name in run.values)])
    metrics = {
        name: Metric(name=name, less_is_better=name in result.less_is_better, is_share=name in result.shares)
        for name in names
    }
    metric = metrics[result.metric]
    for arm in result.arms:
        for run in arm.runs:
            if metric.name not in run.values:
                got = ", ".join(sorted(run.values)) or "nothing"
                raise ConvwrightError(f"arm {arm.name}, seed {run.seed}", expected=metric.name, got=got)
    values = {arm.name: arm.values(metric.name) for arm in result.arms}
    require_choice("baseline", result.baseline, values)
    against = {arm.name: arm.against for arm in result.arms if arm.against}
    macs = {arm.name: arm.costs.macs for arm in result.arms}
    differences = [
        replace(each, macs_ratio=macs[each.arm] / macs[each.against] if macs[each.against] else None)
        for each in compare(values, against, less_is_better=metric.less_is_better)
    ]
    found = {each.arm: each for each in differences}
    arms = tuple(_arm(arm, found.get(arm.name), len(found), metric, result.failures) for arm in result.arms)
    return StudySummary(
        metric=metric,
        metrics=metrics,
        baseline=result.baseline,
        arms=arms,
        fronts=_fronts(arms, metric),
        set_spread=_set_spread(values[result.baseline], metric, result.num_images),
        answer=answer(result.baseline, differences, metric),
    )


def _arm(
    arm: "ArmResult",
    difference: PairedDifference | None,
    num_comparisons: int,
    metric: Metric,
    failures: "Sequence[Failure]",
) -> ArmSummary:
    names = dict.fromkeys(name for run in arm.runs for name in run.values)
    spread = difference.estimate.standard_deviation if difference else None
    return ArmSummary(
        name=arm.name,
        claim=arm.claim,
        against=arm.against,
        expected=arm.expected,
        costs={name: getattr(arm.costs, name) for name in COSTS},
        estimates={name: estimate([run.values[name] for run in arm.runs if name in run.values]) for name in names},
        difference=difference,
        agreement=_agreement(arm.expected, difference, metric),
        seeds_to_settle={gap: seeds_to_settle(gap, spread, num_comparisons=num_comparisons) for gap in SETTLED}
        if spread and metric.is_share
        else {},
        failed_seeds=tuple(each.seed for each in failures if each.arm == arm.name),
    )


def _agreement(expected: str | None, difference: PairedDifference | None, metric: Metric) -> Agreement | None:
    if expected is None or difference is None:
        return None
    require_choice("expectation", expected, EXPECTATIONS)
    if expected == "same":
        interval = difference.estimate.interval
        if metric.is_share and interval and max(abs(edge) for edge in interval) < SAME:
            return Agreement.AGREES
    if difference.verdict not in (Verdict.BETTER, Verdict.WORSE):
        return Agreement.CANNOT_TELL
    return Agreement.AGREES if difference.verdict == expected else Agreement.DISAGREES


def _fronts(arms: Sequence[ArmSummary], metric: Metric) -> dict[str, tuple[str, ...]]:
    known = [arm for arm in arms if metric.name in arm.estimates]
    sign = -1 if metric.less_is_better else 1
    means = [sign * arm.estimates[metric.name].mean for arm in known]
    fronts = {cost: pareto_front([arm.costs[cost] for arm in known], means) for cost in COSTS if known}
    return {
        cost: tuple(arm.name for arm, is_best in zip(known, front, strict=True) if is_best)
        for cost, front in fronts.items()
    }


def _set_spread(values: Mapping[int, float], metric: Metric, num_images: Mapping[str, int]) -> SetSpread | None:
    if metric.name != TEST_ACCURACY or not values:
        return None
    number, accuracy = num_images["test"], sum(values.values()) / len(values)
    return SetSpread(
        num_images=number,
        accuracy=accuracy,
        standard_error=binomial_error(accuracy, number),
        interval=wilson_interval(round(accuracy * number), number),
    )
