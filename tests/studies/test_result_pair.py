"""Two results side by side: the same arms, the difference, and whether they agree."""

import numpy as np
import pytest
from scipy import stats

from convwright.errors import ConvwrightError
from convwright.statistics import estimate, t_interval
from convwright.studies.result_pair import compare_results, welch_interval
from reference.study_results import BASE, DOWN, MIXED, UP, arm, result

OTHER = {"name": "other", "num_images": {"test": 400}, "fingerprint": "g"}


def both(first, second, **more):
    return compare_results(
        result(arm("max", BASE), arm("other", first)), result(arm("max", BASE), arm("other", second), **more)
    )


def test_the_same_seeds_on_the_same_images_are_pairs():
    found = both(UP, DOWN).arms[1]
    assert found.is_paired
    assert found.gap == pytest.approx(np.mean(DOWN) - np.mean(UP))
    assert found.interval == pytest.approx(t_interval(np.subtract(DOWN, UP)))
    same = both(UP, UP).arms[1]
    assert (same.gap, same.interval) == (0, None)


@pytest.mark.parametrize(("second", "more"), [(DOWN, {"data": OTHER}), (DOWN[:5], {})])
def test_other_images_or_seeds_are_independent_samples(second, more):
    found = both(UP, second, **more).arms[1]
    expected = stats.ttest_ind(second, UP, equal_var=False).confidence_interval(0.95)
    assert not found.is_paired
    assert found.interval == pytest.approx(tuple(expected))


def test_welchs_interval_holds_what_it_promises():
    numbers = np.random.default_rng(0)
    draws = [(numbers.normal(0, 1, 4), numbers.normal(1, 3, 7)) for _ in range(2000)]
    intervals = [welch_interval(estimate(first), estimate(second)) for first, second in draws]
    assert 0.935 < np.mean([low < 1 < high for low, high in intervals]) < 0.97


def test_without_a_spread_there_is_no_interval():
    still, single = estimate([0.7, 0.7, 0.7]), estimate([0.7])
    assert welch_interval(still, still) is welch_interval(still, single) is None
    low, high = welch_interval(still, estimate([0.7, 0.8, 0.9]))
    assert low < 0.1 < high


@pytest.mark.parametrize(
    ("first", "second", "agreement"),
    [
        (UP, UP, "agrees"),
        (MIXED, MIXED, "agrees"),
        (UP, DOWN, "disagrees"),
        (UP, MIXED, "cannot tell"),
        (UP, UP[:4], "cannot tell"),
        (UP[:4], UP[:4], "cannot tell"),
    ],
)
def test_verdicts_agree_disagree_or_are_open(first, second, agreement):
    found = both(first, second)
    assert found.arms[1].agreement == agreement
    assert found.arms[0].agreement is None


def test_arms_without_runs_in_both_are_left_out():
    found = compare_results(result(arm("max", BASE), arm("up", UP)), result(arm("max", BASE), arm("down", DOWN)))
    assert [each.name for each in found.arms] == ["max"]
    assert found.left_out == ("down", "up")


@pytest.mark.parametrize(
    ("second", "said"),
    [
        (result(arm("max", BASE), metric="train_accuracy"), "metric of the second result: expected test_accuracy"),
        (result(arm("up", UP)), "baseline of the second result: expected max, got up"),
        (result(arm("max", [])), "expected an arm of which both have finished runs"),
    ],
)
def test_results_that_cannot_be_compared_are_refused(second, said):
    with pytest.raises(ConvwrightError, match=said):
        compare_results(result(arm("max", BASE)), second)
