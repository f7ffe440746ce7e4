"""The sentence says what the numbers say, and no more."""

from dataclasses import replace

import pytest

from convwright.studies.answer import answer
from convwright.studies.comparisons import compare
from convwright.studies.metric import Metric
from reference.study_results import BASE, DOWN, MIXED, UP

ACCURACY = Metric(name="test_accuracy", is_share=True)


def sentence(costs=None, metric=ACCURACY, seeds=8, against=None, **arms):
    by_seed = {name: dict(enumerate(values[:seeds])) for name, values in {"max": BASE, **arms}.items()}
    macs = {name: (costs or {}).get(name, 100) for name in by_seed}
    against = against or dict.fromkeys(arms, "max")
    found = compare(by_seed, against, less_is_better=metric.less_is_better)
    return answer("max", [replace(each, macs_ratio=macs[each.arm] / macs[each.against]) for each in found], metric)


def test_one_arm_that_differs():
    assert sentence(blur=UP) == (
        "blur is 2.35 points better than max at equal MACs (+2.15 to +2.55, n = 8, p = 0.008)."
    )
    assert sentence(blur=DOWN, costs={"blur": 150}) == (
        "blur is 3.35 points worse than max at 1.50 times its MACs (-3.55 to -3.15, n = 8, p = 0.008)."
    )


def test_one_arm_that_cannot_be_told():
    assert sentence(blur=MIXED).startswith("Not distinguishable: blur less max is +0.00 points at equal MACs (-1.18 to")
    assert sentence(blur=UP, seeds=3) == (
        "Too few seeds to tell: blur less max is +2.10 points at equal MACs (+1.85 to +2.35, n = 3, p = 0.250); "
        "p below 0.05 takes 6 seeds."
    )
    assert "+2.00 points at equal MACs (n = 1, p = 1.000)" in sentence(blur=UP, seeds=1)


def test_less_of_an_error_is_better():
    assert "blur is 3.35 points better than max" in sentence(blur=DOWN, metric=replace(ACCURACY, less_is_better=True))


def test_several_arms_are_sorted_by_what_is_known_of_them():
    assert sentence(up=UP, down=DOWN, mixed=MIXED) == (
        "Better than max: up (+2.35 points); worse than max: down (-3.35 points); not distinguishable from max: "
        "mixed (+0.00 points); n = 8, at equal MACs."
    )
    few = sentence(up=UP, down=DOWN, seeds=6, costs={"up": 50})
    assert few == (
        "Too few seeds to tell: down (-3.25 points), up (+2.25 points); n = 6, at 0.50 to 1.00 times the MACs of max "
        "(p below 0.05 for 2 arms takes 7 seeds)."
    )


def test_arms_that_are_compared_with_different_ones_name_them():
    against = {"up": "max", "higher": "up", "mixed": "down", "down": "max"}
    told = sentence(up=UP, higher=[v + 0.05 for v in UP], down=DOWN, mixed=MIXED, against=against, costs={"up": 50})
    assert told == (
        "Better: higher than up (+5.00 points), mixed than down (+3.35 points), up than max (+2.35 points); "
        "worse: down than max (-3.35 points); n = 8, at 0.50 to 2.00 times the MACs of the other."
    )


def test_many_arms_are_not_all_named_and_seeds_may_differ():
    told = sentence(**{f"arm{i}": UP[: 8 - i % 2] for i in range(6)})
    assert "and 2 more" in told
    assert "n = 7 to 8" in told


@pytest.mark.parametrize("arms", [{}, {"blur": []}])
def test_nothing_to_compare_is_said(arms):
    assert sentence(**arms) == "Nothing to compare: no other arm has finished a seed that max has."


def test_unknown_costs_are_not_told():
    found = compare({"max": dict(enumerate(BASE)), "blur": dict(enumerate(UP))}, {"blur": "max"})
    assert "MACs" not in answer("max", found, ACCURACY)
