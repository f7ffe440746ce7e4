"""Comparison of strategies, and the one to ship: chosen on validation images, reported on test images."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

from ..statistics import Estimate, estimate, t_interval
from ..training.evaluate import wilson_interval
from .outcome import Outcome

_ROUNDING = 1 + 1e-9  # one image of difference is a standard error exactly


@dataclass(frozen=True, kw_only=True)
class StrategyRow:
    """Strategy that learned from one share of the images, over all seeds.

    Attributes
    ----------
    strategy, share, num_images
        See `Outcome`.
    validation_accuracy : float
        Mean over seeds, each with its own images.
    test_accuracy : Estimate
        Mean over seeds, with its interval.
    test_interval : (float, float)
        Wilson's 95 % interval of the mean accuracy, as far as the choice of the test images goes.
    macro_f1, calibration_error, gap : float
        Means over seeds, on test images; the gap is training less test accuracy.
    feature_seconds, training_seconds : float
        Medians over seeds.
    peak_bytes : int or None
        Largest of the seeds.
    num_trained : int
        Parameters; 0 where what was learned is no layer.
    is_network : bool
        Whether the strategy makes a network that can be shipped.
    """

    strategy: str
    share: float
    num_images: int
    validation_accuracy: float
    test_accuracy: Estimate
    test_interval: tuple[float, float]
    macro_f1: float
    calibration_error: float
    gap: float
    feature_seconds: float
    training_seconds: float
    peak_bytes: int | None
    num_trained: int
    is_network: bool


@dataclass(frozen=True, kw_only=True)
class StrategyDifference:
    """Difference of accuracy between the recommended strategy and another.

    Attributes
    ----------
    strategy : str
        The other.
    mean : float
        Mean difference over the test images and seeds.
    interval : (float, float) or None
        Student's 95 % interval over images, paired: each counts with the mean of its seeds. None where no image differs
        from the others.
    """

    strategy: str
    mean: float
    interval: tuple[float, float] | None


@dataclass(frozen=True, kw_only=True)
class Recommendation:
    """Recommended strategy.

    Attributes
    ----------
    strategy : str
        The cheapest within a standard error of the best.
    best : str
        The best on validation images.
    lead, standard_error : float
        Mean lead of the best over the recommended on validation images, and its standard error over images.
    reason : str
        All of it in a sentence.
    differences : tuple of StrategyDifference
        Differences to every other strategy on test images.
    """

    strategy: str
    best: str
    lead: float
    standard_error: float
    reason: str
    differences: tuple[StrategyDifference, ...]

    def to_dict(self) -> dict[str, Any]:
        """Everything, as plain values."""
        return asdict(self)


def rows_of(outcomes: Sequence[Outcome]) -> tuple[StrategyRow, ...]:
    """Return a row for each strategy and share, in the order of the outcomes."""
    grouped: dict[tuple[str, float], list[Outcome]] = {}
    for outcome in outcomes:
        grouped.setdefault((outcome.strategy, outcome.share), []).append(outcome)
    return tuple(_row(own) for own in grouped.values())


def _row(own: Sequence[Outcome]) -> StrategyRow:
    first, tests = own[0], [each.result.predictions["test"].evaluation for each in own]
    costs = [each.result.cost for each in own]
    accuracy = estimate([test.accuracy for test in tests])
    number = tests[0].num_images
    return StrategyRow(
        strategy=first.strategy,
        share=first.share,
        num_images=first.num_images,
        validation_accuracy=statistics.fmean(each.accuracy("validation") for each in own),
        test_accuracy=accuracy,
        test_interval=wilson_interval(accuracy.mean * number, number),
        macro_f1=statistics.fmean(test.macro_f1 for test in tests),
        calibration_error=statistics.fmean(test.calibration_error for test in tests),
        gap=statistics.fmean(each.gap for each in own),
        feature_seconds=statistics.median(cost.feature_seconds for cost in costs),
        training_seconds=statistics.median(cost.training_seconds for cost in costs),
        peak_bytes=max((cost.peak_bytes for cost in costs if cost.peak_bytes is not None), default=None),
        num_trained=costs[0].num_trained,
        is_network=first.result.model is not None,
    )


def recommend(outcomes: Sequence[Outcome]) -> Recommendation | None:
    """Recommend a strategy of those that learned from all images and are networks; None where there is none.

    The best on validation images, or the one with fewest trained parameters that is not worse by more than a standard
    error of their difference. Seeds are paired; an image that several seeds validate with counts once.

    Source: Breiman et al. 1984, "Classification and Regression Trees", section 3.4.3, for the standard error.
    """
    whole = [each for each in outcomes if each.share == 1 and each.result.model is not None]
    by_name: dict[str, list[Outcome]] = {}
    for outcome in whole:
        by_name.setdefault(outcome.strategy, []).append(outcome)
    if not by_name:
        return None
    accuracies = {name: statistics.fmean(each.accuracy("validation") for each in own) for name, own in by_name.items()}
    best = max(accuracies, key=accuracies.__getitem__)
    leads = {name: _lead(by_name[best], own) for name, own in by_name.items()}
    near = [name for name, (mean, error) in leads.items() if mean <= error * _ROUNDING]
    chosen = min(near, key=lambda name: (by_name[name][0].result.cost.num_trained, -accuracies[name]))
    lead, error = leads[chosen]
    return Recommendation(
        strategy=chosen,
        best=best,
        lead=lead,
        standard_error=error,
        reason=_reason(by_name[chosen], best, accuracies, lead, error),
        differences=tuple(_difference(name, by_name[chosen], own) for name, own in by_name.items() if name != chosen),
    )


def _lead(best: Sequence[Outcome], other: Sequence[Outcome]) -> tuple[float, float]:
    """Return the mean lead of `best` on validation images, and its standard error."""
    by_image: dict[int, list[float]] = {}
    for one, two in zip(best, other, strict=True):
        right, wrong = (_right(each, "validation") for each in (one, two))
        for image, difference in zip(one.validated, (right - wrong).tolist(), strict=True):
            by_image.setdefault(image, []).append(difference)
    means = [statistics.fmean(each) for each in by_image.values()]
    error = statistics.stdev(means) / math.sqrt(len(means)) if len(means) > 1 else 0.0
    return statistics.fmean(means), error


def _difference(name: str, chosen: Sequence[Outcome], other: Sequence[Outcome]) -> StrategyDifference:
    pairs = zip(chosen, other, strict=True)
    means = torch.stack([_right(one, "test") - _right(two, "test") for one, two in pairs]).mean(0)
    return StrategyDifference(strategy=name, mean=float(means.mean()), interval=t_interval(means.tolist()))


def _right(outcome: Outcome, split: str) -> Tensor:
    return outcome.result.predictions[split].is_right.double()


def _reason(own: Sequence[Outcome], best: str, accuracies: dict[str, float], lead: float, error: float) -> str:
    name, cost = own[0].strategy, own[0].result.cost
    test = statistics.fmean(each.accuracy("test") for each in own)
    number = len(own[0].result.predictions["test"].labels)
    low, high = wilson_interval(test * number, number)
    found = f"right on {accuracies[name]:.1%} of the validation images"
    if name == best:
        found += ", most of all"
    else:
        found += f", {100 * lead:.1f} points below {best}, within a standard error of that ({100 * error:.1f})"
    return (
        f"Ship {name}: {found}, with {cost.num_trained:,} trained parameters; "
        f"right on {test:.1%} of the test images ({low:.1%} to {high:.1%}, n = {number:,})."
    )
