"""Means with intervals, the sign-flip test, Holm's correction, the Pareto front: numbers in, numbers out."""

import math
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .extras import needs_extra

CONFIDENCE = 0.95
LEAST_FOR_BCA = 10
_RESAMPLES = 9999  # of the bootstrap
_MOST_FLIPS = 2**16  # all of them up to 16 seeds, as many drawn ones above


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A mean over seeds.

    Attributes
    ----------
    values : tuple of float
        One value for each seed.
    mean : float
        Arithmetic mean of the values.
    standard_deviation : float or None
        Standard deviation over seeds, with n - 1 degrees of freedom; None for one seed.
    interval : tuple of float or None
        Student's 95 % interval of the mean; see `t_interval`.
    """

    values: tuple[float, ...]
    mean: float
    standard_deviation: float | None
    interval: tuple[float, float] | None

    def to_dict(self) -> dict[str, Any]:
        """Return all fields, and the number of seeds, as plain values."""
        return {"num_seeds": len(self.values), **asdict(self)}


def estimate(values: Sequence[float]) -> Estimate:
    """Return the estimate from at least one value.

    >>> found = estimate([0.70, 0.72, 0.74])
    >>> round(found.mean, 4), round(found.standard_deviation, 4), [round(edge, 4) for edge in found.interval]
    (0.72, 0.02, [0.6703, 0.7697])
    """
    array = np.asarray(values, dtype=np.float64)
    return Estimate(
        values=tuple(array.tolist()),
        mean=float(array.mean()),
        standard_deviation=float(array.std(ddof=1)) if len(array) > 1 else None,
        interval=t_interval(array),
    )


def t_interval(values: Sequence[float] | NDArray[np.float64]) -> tuple[float, float] | None:
    """Return Student's 95 % interval of a mean; None for one value, and for equal values, which have no spread.

    The interval is exact for normal values, from two seeds on. If one run in ten fails badly, or the values are
    strongly skewed, it covers 78 to 90 % at ten seeds.
    """
    with needs_extra("study"):
        from scipy.stats import t

    array = np.asarray(values, dtype=np.float64)
    if _no_spread(array):
        return None
    half = float(t.isf((1 - CONFIDENCE) / 2, len(array) - 1) * array.std(ddof=1) / math.sqrt(len(array)))
    return float(array.mean()) - half, float(array.mean()) + half


def bca_interval(values: Sequence[float], *, seed: int = 0) -> tuple[float, float] | None:
    """Return the BCa bootstrap 95 % interval of a mean; None below ten values, and for equal values.

    BCa (bias-corrected and accelerated) reaches its 95 % only for large samples: on normal values it covers 72 % at
    n = 3, 85 % at 6, 90 % at 10 and 93 % at 30, where Student's interval covers 95 %. So it is shown beside that one,
    from ten values on.

    Source: Efron 1987, "Better Bootstrap Confidence Intervals", Journal of the American Statistical Association 82.
    """
    with needs_extra("study"):
        from scipy.stats import DegenerateDataWarning, bootstrap

    array = np.asarray(values, dtype=np.float64)
    if len(array) < LEAST_FOR_BCA or _no_spread(array):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DegenerateDataWarning)
        drawn = bootstrap(
            (array,),
            np.mean,
            confidence_level=CONFIDENCE,
            n_resamples=_RESAMPLES,
            method="BCa",
            rng=np.random.default_rng(seed),
        )
    low, high = (float(edge) for edge in drawn.confidence_interval)
    return (low, high) if math.isfinite(low) and math.isfinite(high) else None


def sign_flip_p(differences: Sequence[float], *, seed: int = 0) -> float:
    """Return the two-sided p of the sign-flip test: how often the mean is as far from 0 if neither arm is better.

    All 2^n sign patterns are tried up to n = 16; above that, 65,536 random ones.

    Source: Fisher 1935, "The Design of Experiments", section 21.

    >>> sign_flip_p([0.01, 0.02, 0.01, 0.03, 0.02, 0.01]) == 2 / 2**6
    True
    """
    with needs_extra("study"):
        from scipy.stats import permutation_test

    if len(differences) < 2:
        return 1.0
    array, generator = np.asarray(differences, dtype=np.float64), np.random.default_rng(seed)
    tested = permutation_test(
        (array,), np.mean, permutation_type="samples", vectorized=True, n_resamples=_MOST_FLIPS, rng=generator
    )
    return float(tested.pvalue)


def least_p(num_seeds: int) -> float:
    """Return the smallest possible p of the sign-flip test: that of `num_seeds` differences with the same sign.

    >>> least_p(5), least_p(6)
    (0.0625, 0.03125)
    """
    return min(1.0, 2.0 ** (1 - num_seeds))


def holm(p_values: Sequence[float]) -> list[float]:
    """Correct the p values of several tests so that together they have the error rate of one (Holm).

    Source: Holm 1979, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of Statistics 6.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    corrected, largest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[place]))
        corrected[place] = largest
    return corrected


def binomial_error(share: float, number: int) -> float:
    """Return the standard error of a share of `number` sampled images: sqrt(p (1 - p) / n).

    >>> round(binomial_error(0.9, 10_000), 6)
    0.003
    """
    return math.sqrt(share * (1 - share) / number)


def pareto_front(costs: Sequence[float], values: Sequence[float]) -> list[bool]:
    """Mark the points on the Pareto front: no other has at least their value at no higher cost, one of them better.

    >>> pareto_front([1, 2, 3], [0.6, 0.8, 0.7])
    [True, True, False]
    """
    points = list(zip(costs, values, strict=True))
    return [
        not any(cost <= own[0] and value >= own[1] and (cost, value) != own for cost, value in points) for own in points
    ]


def _no_spread(array: NDArray[np.float64]) -> bool:
    # Rounding makes equal differences unequal in the sixteenth digit.
    return len(array) < 2 or float(np.ptp(array)) <= 1e-12 * float(np.abs(array).max())
