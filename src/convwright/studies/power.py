"""Power of the sign-flip test, and the number of seeds that would settle a difference."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..errors import ConvwrightError, require_at_least
from ..extras import needs_extra
from .comparisons import ALPHA, seeds_needed

POWER = 0.8
_MOST_SIMULATED = 12  # seeds; above, Student's test is as powerful to within 0.02
_SIMULATIONS = 2000


def power(effect: float, num_seeds: int, *, num_comparisons: int = 1) -> float:
    """Return how often the sign-flip test finds a difference that is there.

    For normal differences: they are drawn and tested up to 12 seeds; above, Student's test is as powerful, and asked.

    Parameters
    ----------
    effect : float
        The difference, above 0, in standard deviations of the paired differences.
    num_seeds : int
        Number of seeds of both arms.
    num_comparisons : int
        Differences that are tested: the test is held to 0.05 divided by it, which is what Holm's
        correction asks of the smallest p.

    >>> power(1.0, 5), power(3.0, 8) > 0.99
    (0.0, True)
    """
    alpha = ALPHA / num_comparisons
    if num_seeds < seeds_needed(num_comparisons):
        return 0.0
    return _simulated(effect, num_seeds, alpha) if num_seeds <= _MOST_SIMULATED else _student(effect, num_seeds, alpha)


def seeds_to_settle(difference: float, spread: float, *, num_comparisons: int = 1) -> int:
    """Return how many seeds find `difference` four times in five.

    Parameters
    ----------
    difference : float
        Above 0.
    spread : float
        Standard deviation of the paired differences, in the same unit.
    num_comparisons : int
        See `power`.

    Raises
    ------
    ConvwrightError
        For a difference that is not above 0, or a negative spread.

    >>> seeds_to_settle(0.01, 0.001), seeds_to_settle(0.01, 0.02)
    (6, 34)
    """
    if not difference > 0:
        raise ConvwrightError("difference to settle", expected="above 0", got=str(difference))
    require_at_least("spread", spread, 0)
    fewest = seeds_needed(num_comparisons)
    if spread == 0:
        return fewest
    effect = difference / spread
    return next(
        n
        for n in range(max(fewest, _by_student(effect, ALPHA / num_comparisons)), 10**9)
        if power(effect, n, num_comparisons=num_comparisons) >= POWER
    )


def _by_student(effect: float, alpha: float) -> int:
    """The smallest number with which Student's test has the power: the sign-flip test needs no fewer."""
    low, high = 1, 2
    while _student(effect, high, alpha) < POWER:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _student(effect, middle, alpha) >= POWER else (middle, high)
    return high


def _student(effect: float, num_seeds: int, alpha: float) -> float:
    with needs_extra("study"):
        from scipy.stats import ncf, t

    critical = float(t.isf(alpha / 2, num_seeds - 1)) ** 2
    return float(ncf.sf(critical, 1, num_seeds - 1, num_seeds * effect**2))


def _simulated(effect: float, num_seeds: int, alpha: float) -> float:
    draws = np.random.default_rng(0).normal(effect, 1.0, (_SIMULATIONS, num_seeds))
    sums = np.abs(draws @ _flips(num_seeds).T)
    p_values = (sums >= sums[:, :1] * (1 - 1e-12)).mean(axis=1)
    return float((p_values < alpha).mean())


@cache
def _flips(num_seeds: int) -> NDArray[np.float64]:
    """All signs but for a common one, a row each; the first row changes none."""
    bits = np.arange(2 ** (num_seeds - 1))[:, None] >> np.arange(num_seeds) & 1
    return (1 - 2 * bits).astype(np.float64)
