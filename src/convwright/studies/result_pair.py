"""Two results of one question side by side: two budgets, two recipes, or a colleague's rerun."""

import warnings
from dataclasses import dataclass

import numpy as np

from ..errors import ConvwrightError
from ..extras import needs_extra
from ..statistics import CONFIDENCE, Estimate, t_interval
from .comparisons import Verdict
from .metric import Metric
from .result import StudyResult
from .summary import Agreement, ArmSummary, StudySummary


@dataclass(frozen=True, kw_only=True)
class ArmPair:
    """An arm that both results have.

    Attributes
    ----------
    name : str
    first, second : ArmSummary
        Its numbers in either result.
    gap : float
        Mean of the second less that of the first.
    interval : tuple of float or None
        95 % interval of the gap; None where there is no spread to judge by.
    is_paired : bool
        True if the interval is of the differences seed by seed; else it is Welch's.
    agreement : Agreement or None
        Agreement of the two verdicts; None for the baseline, and where either has none or compares with another arm.
    """

    name: str
    first: ArmSummary
    second: ArmSummary
    gap: float
    interval: tuple[float, float] | None
    is_paired: bool
    agreement: Agreement | None


@dataclass(frozen=True, kw_only=True)
class ResultPair:
    """Two results with what they have in common.

    Attributes
    ----------
    first, second : StudySummary
    arms : tuple of ArmPair
        In the order of the first.
    left_out : tuple of str
        Arms that only one of them has finished runs of.
    """

    first: StudySummary
    second: StudySummary
    arms: tuple[ArmPair, ...]
    left_out: tuple[str, ...]

    @property
    def metric(self) -> Metric:
        """By which both compare their arms."""
        return self.first.metric


def compare_results(first: StudyResult, second: StudyResult) -> ResultPair:
    """Put arms of the same name side by side, with the difference between the results and whether their verdicts agree.

    Where both have the same seeds on the same images, a seed stands for the same first weights and the same order, and
    the interval is of the differences seed by seed. Otherwise it is Welch's, of two independent samples.

    Parameters
    ----------
    first, second : StudyResult

    Raises
    ------
    ConvwrightError
        For results of another metric or baseline, and such as have no arm in common.
    """
    for what in ("metric", "baseline"):
        if getattr(first, what) != getattr(second, what):
            expected, got = getattr(first, what), getattr(second, what)
            raise ConvwrightError(f"{what} of the second result", expected=expected, got=got)
    metric, one, two = first.metric, first.summary, second.summary
    known = [{arm.name: arm for arm in each.arms if metric in arm.estimates} for each in (one, two)]
    shared = [name for name in known[0] if name in known[1]]
    if not shared:
        raise ConvwrightError("the two results", expected="an arm of which both have finished runs", got="none")
    same_images = first.data["fingerprint"] == second.data["fingerprint"]
    seeds = [{arm.name: [run.seed for run in arm.runs] for arm in each.arms} for each in (first, second)]
    return ResultPair(
        first=one,
        second=two,
        arms=tuple(
            _arm(known[0][name], known[1][name], metric, same_images and seeds[0][name] == seeds[1][name])
            for name in shared
        ),
        left_out=tuple(sorted(known[0].keys() ^ known[1].keys())),
    )


def welch_interval(first: Estimate, second: Estimate) -> tuple[float, float] | None:
    """95 % interval of the mean of `second` less that of `first`, their spreads not taken as equal.

    None where either has a single value, and where neither has a spread.

    Source: Welch 1947, "The generalization of 'Student's' problem when several different population variances are
    involved", Biometrika 34.
    """
    with needs_extra("study"):
        from scipy.stats import ttest_ind

    if min(len(first.values), len(second.values)) < 2 or first.interval is second.interval is None:
        return None
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Precision loss")  # of equal values, whose spread is 0
        low, high = ttest_ind(second.values, first.values, equal_var=False).confidence_interval(CONFIDENCE)
    return float(low), float(high)


def _arm(first: ArmSummary, second: ArmSummary, metric: str, is_paired: bool) -> ArmPair:
    one, two = first.estimates[metric], second.estimates[metric]
    differences = np.subtract(two.values, one.values) if is_paired else None
    return ArmPair(
        name=first.name,
        first=first,
        second=second,
        gap=two.mean - one.mean,
        interval=welch_interval(one, two) if differences is None else t_interval(differences),
        is_paired=is_paired,
        agreement=_agreement(first, second),
    )


def _agreement(first: ArmSummary, second: ArmSummary) -> Agreement | None:
    if first.difference is None or second.difference is None or first.against != second.against:
        return None
    verdicts = {first.difference.verdict, second.difference.verdict}
    if verdicts == {Verdict.BETTER, Verdict.WORSE}:
        return Agreement.DISAGREES
    if len(verdicts) == 1 and Verdict.TOO_FEW_SEEDS not in verdicts:
        return Agreement.AGREES
    return Agreement.CANNOT_TELL
