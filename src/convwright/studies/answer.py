"""The answer of a study in one sentence."""

from collections.abc import Sequence

from .comparisons import ALPHA, PairedDifference, Verdict, seeds_needed
from .metric import Metric

EQUAL_COST = 0.05
"""Costs that differ by at most this share are called equal."""

_MOST_NAMED = 4


def answer(baseline: str, differences: Sequence[PairedDifference], metric: Metric) -> str:
    """Return what the differences say, with n, interval, p and cost; "not distinguishable" is an answer.

    Parameters
    ----------
    baseline : str
        Arm that all others are compared with, except those of `differences` that name another.
    differences : sequence of PairedDifference
        From `compare`.
    metric : Metric
    """
    if not differences:
        return f"Nothing to compare: no other arm has finished a seed that {baseline} has."
    if len(differences) == 1:
        return _one(differences[0], metric)
    return _several(differences, metric)


def p_value(p: float) -> str:
    """Return a p as it is printed.

    >>> p_value(0.03125), p_value(0.00001)
    ('p = 0.031', 'p < 0.001')
    """
    return f"p = {p:.3f}" if p >= 0.001 else "p < 0.001"


def _one(found: PairedDifference, metric: Metric) -> str:
    interval = found.estimate.interval
    span = f"{metric.interval(interval, signed=True)}, " if interval else ""
    evidence = f"{span}n = {len(found.seeds)}, {p_value(found.p_holm)}"
    cost = ""
    if found.macs_ratio is not None:
        is_equal = abs(found.macs_ratio - 1) <= EQUAL_COST
        cost = " at equal MACs" if is_equal else f" at {found.macs_ratio:.2f} times its MACs"
    if found.verdict in (Verdict.BETTER, Verdict.WORSE):
        gap = metric.gap(abs(found.estimate.mean))
        return f"{found.arm} is {gap} {found.verdict} than {found.against}{cost} ({evidence})."
    ending = f"; p below {ALPHA} takes {seeds_needed()} seeds" if found.verdict == Verdict.TOO_FEW_SEEDS else ""
    gap = metric.gap(found.estimate.mean, signed=True)
    return f"{found.verdict.capitalize()}: {found.arm} less {found.against} is {gap}{cost} ({evidence}){ending}."


def _several(differences: Sequence[PairedDifference], metric: Metric) -> str:
    others = {each.against for each in differences}
    common = next(iter(others)) if len(others) == 1 else None
    clauses = []
    for verdict in Verdict:
        chosen = sorted((each for each in differences if each.verdict == verdict), key=lambda d: -abs(d.estimate.mean))
        if chosen:
            words = f"{verdict} {verdict.joined} {common}" if verdict.joined and common else verdict
            clauses.append(f"{words}: {_names(chosen, metric, '' if common else verdict.joined)}")
    numbers = sorted({len(each.seeds) for each in differences})
    clauses.append(f"n = {numbers[0]}" if len(numbers) == 1 else f"n = {numbers[0]} to {numbers[-1]}")
    sentence = "; ".join(clauses) + _costs(differences, common)
    if any(each.verdict == Verdict.TOO_FEW_SEEDS for each in differences):
        sentence += f" (p below {ALPHA} for {len(differences)} arms takes {seeds_needed(len(differences))} seeds)"
    return sentence[0].upper() + sentence[1:] + "."


def _names(chosen: Sequence[PairedDifference], metric: Metric, joined: str) -> str:
    named = [
        f"{each.arm}{f' {joined} {each.against}' if joined else ''} ({metric.gap(each.estimate.mean, signed=True)})"
        for each in chosen[:_MOST_NAMED]
    ]
    return ", ".join(named) + (f" and {len(chosen) - _MOST_NAMED} more" if len(chosen) > _MOST_NAMED else "")


def _costs(differences: Sequence[PairedDifference], common: str | None) -> str:
    ratios = [each.macs_ratio for each in differences if each.macs_ratio is not None]
    if not ratios:
        return ""
    if all(abs(ratio - 1) <= EQUAL_COST for ratio in ratios):
        return ", at equal MACs"
    return f", at {min(ratios):.2f} to {max(ratios):.2f} times the MACs of {common or 'the other'}"
