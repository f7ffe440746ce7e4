"""The answer of a study in one sentence."""

from collections.abc import Mapping, Sequence

from .comparisons import ALPHA, Difference, Verdict, seeds_needed
from .metric import Metric

EQUAL_COST = 0.05
"""Costs that differ by at most this share are called equal."""

_MOST_NAMED = 4


def answer(
    baseline: str, differences: Sequence[Difference], costs: Mapping[str, Mapping[str, float]], metric: Metric
) -> str:
    """What the differences say, with n, interval, p and cost; "not distinguishable" is an answer.

    Parameters
    ----------
    baseline : str
        What all arms are compared with, but for those of `differences` that say otherwise.
    differences : sequence of Difference
        From `compare`.
    costs : mapping of str to mapping of str to float
        Of each arm; "macs" is the one that is told.
    metric : Metric
    """
    if not differences:
        return f"Nothing to compare: no other arm has finished a seed that {baseline} has."
    if len(differences) == 1:
        return _one(differences[0], costs, metric)
    return _several(differences, costs, metric)


def p_value(p: float) -> str:
    """A p as it is read.

    >>> p_value(0.03125), p_value(0.00001)
    ('p = 0.031', 'p < 0.001')
    """
    return f"p = {p:.3f}" if p >= 0.001 else "p < 0.001"


def _one(found: Difference, costs: Mapping[str, Mapping[str, float]], metric: Metric) -> str:
    cost, evidence = _cost(found, costs), _evidence(found, metric)
    if found.verdict in (Verdict.BETTER, Verdict.WORSE):
        gap = metric.gap(abs(found.estimate.mean))
        return f"{found.arm} is {gap} {found.verdict} than {found.against}{cost} ({evidence})."
    ending = f"; p below {ALPHA} takes {seeds_needed()} seeds" if found.verdict == Verdict.TOO_FEW_SEEDS else ""
    gap = metric.gap(found.estimate.mean, signed=True)
    return f"{found.verdict.capitalize()}: {found.arm} less {found.against} is {gap}{cost} ({evidence}){ending}."


def _several(differences: Sequence[Difference], costs: Mapping[str, Mapping[str, float]], metric: Metric) -> str:
    others = {each.against for each in differences}
    common = next(iter(others)) if len(others) == 1 else None
    told = []
    for verdict in Verdict:
        chosen = sorted((each for each in differences if each.verdict == verdict), key=lambda d: -abs(d.estimate.mean))
        if chosen:
            words = f"{verdict} {verdict.joined} {common}" if verdict.joined and common else verdict
            told.append(f"{words}: {_names(chosen, metric, '' if common else verdict.joined)}")
    ending = f"; {_numbers(differences)}{_all_costs(differences, common, costs)}"
    if any(each.verdict == Verdict.TOO_FEW_SEEDS for each in differences):
        ending += f" (p below {ALPHA} for {len(differences)} arms takes {seeds_needed(len(differences))} seeds)"
    sentence = "; ".join(told) + ending
    return sentence[0].upper() + sentence[1:] + "."


def _names(chosen: Sequence[Difference], metric: Metric, joined: str) -> str:
    named = [
        f"{each.arm}{f' {joined} {each.against}' if joined else ''} ({metric.gap(each.estimate.mean, signed=True)})"
        for each in chosen[:_MOST_NAMED]
    ]
    return ", ".join(named) + (f" and {len(chosen) - _MOST_NAMED} more" if len(chosen) > _MOST_NAMED else "")


def _evidence(found: Difference, metric: Metric) -> str:
    interval = found.estimate.interval
    span = (
        f"{metric.number(interval[0], signed=True)} to {metric.number(interval[1], signed=True)}, " if interval else ""
    )
    return f"{span}n = {len(found.seeds)}, {p_value(found.p_holm)}"


def _numbers(differences: Sequence[Difference]) -> str:
    numbers = sorted({len(each.seeds) for each in differences})
    return f"n = {numbers[0]}" if len(numbers) == 1 else f"n = {numbers[0]} to {numbers[-1]}"


def _cost(found: Difference, costs: Mapping[str, Mapping[str, float]]) -> str:
    ratio = _ratio(found, costs)
    if ratio is None:
        return ""
    return " at equal MACs" if abs(ratio - 1) <= EQUAL_COST else f" at {ratio:.2f} times its MACs"


def _all_costs(differences: Sequence[Difference], common: str | None, costs: Mapping[str, Mapping[str, float]]) -> str:
    ratios = [ratio for each in differences if (ratio := _ratio(each, costs)) is not None]
    if not ratios:
        return ""
    if all(abs(ratio - 1) <= EQUAL_COST for ratio in ratios):
        return ", at equal MACs"
    of_whom = common or "the other"
    return f", at {min(ratios):.2f} to {max(ratios):.2f} times the MACs of {of_whom}"


def _ratio(found: Difference, costs: Mapping[str, Mapping[str, float]]) -> float | None:
    own, other = costs[found.arm].get("macs"), costs[found.against].get("macs")
    return own / other if own is not None and other else None
