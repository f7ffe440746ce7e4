"""How often intervals of a mean hold the truth, and how often the sign-flip test errs: `python intervals.py OUT.json`.

Draws stand for the paired differences of a study: normal ones; normal ones rounded to an image of 1,000; heavy tails;
a skew; and normal ones of which one in ten failed by eight standard deviations.
"""

import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import scipy.stats
from numpy.typing import NDArray

from convwright.statistics import sign_flip_p, t_interval

DRAWS, RESAMPLES = 4000, 2000
NUMBERS = (2, 3, 4, 6, 8, 10, 15, 20, 30)
TESTED = (6, 8, 10)
Draw = Callable[[np.random.Generator, tuple[int, int]], NDArray[np.float64]]

KINDS: dict[str, tuple[Draw, float]] = {
    "normal": (lambda draw, shape: draw.normal(0.3, 1.0, shape), 0.3),
    "normal, in steps of an image": (lambda draw, shape: draw.normal(0.3, 1.0, shape).round(1), 0.3),
    "Student's t of 3": (lambda draw, shape: draw.standard_t(3, shape), 0.0),
    "exponential": (lambda draw, shape: draw.exponential(1.0, shape), 1.0),
    "one in ten failed": (lambda draw, shape: draw.normal(size=shape) - 8.0 * (draw.random(shape) < 0.1), -0.8),
}


def students(draws: NDArray[np.float64], truth: float) -> float:
    found = [t_interval(row) or (np.nan, np.nan) for row in draws]
    return float(np.mean([low <= truth <= high for low, high in found]))


def bootstraps(draws: NDArray[np.float64], truth: float) -> float:
    covered = []
    for part in np.array_split(draws, 16):  # all at once takes gigabytes
        found = scipy.stats.bootstrap(
            (part,), np.mean, axis=-1, n_resamples=RESAMPLES, method="BCa", rng=np.random.default_rng(1)
        ).confidence_interval
        covered.append((found.low <= truth) & (truth <= found.high))
    return float(np.concatenate(covered).mean())


def false_positives(kind: Draw, number: int) -> float:
    """Of the sign-flip test, on differences of two draws, so that neither arm is better."""
    draw = np.random.default_rng(number)
    differences = kind(draw, (DRAWS, number)) - kind(draw, (DRAWS, number))
    return float(np.mean([sign_flip_p(row.round(12)) < 0.05 for row in differences]))


def main() -> None:
    kinds: dict[str, Any] = {}
    for name, (kind, truth) in KINDS.items():
        rows = {}
        for number in NUMBERS:
            draws = kind(np.random.default_rng(number), (DRAWS, number))
            rows[str(number)] = {"student": students(draws, truth), "bca": bootstraps(draws, truth)}
            print(name, number, rows[str(number)], flush=True)
        kinds[name] = {"coverage": rows, "false_positives": {str(n): false_positives(kind, n) for n in TESTED}}
    facts = {"date": date.today().isoformat(), "scipy": scipy.__version__, "draws": DRAWS, "resamples": RESAMPLES}
    Path(sys.argv[1]).write_text(json.dumps({**facts, "kinds": kinds}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
