"""Intervals and tests: against scipy, brute force, and data whose truth is known."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from convwright.statistics import (
    LEAST_FOR_BCA,
    bca_interval,
    binomial_error,
    estimate,
    holm,
    least_p,
    pareto_front,
    sign_flip_p,
    t_interval,
)

POINTS = st.integers(-300, 300).map(lambda images: images / 1000)  # accuracies move in steps of an image
P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=6)


def most_of(rate, number):
    """What a rate that is at most `rate` exceeds once in a million times."""
    return stats.binom.isf(1e-6, number, rate) / number


@given(st.lists(POINTS, min_size=2, max_size=12))
def test_an_estimate_is_scipys(values):
    found = estimate(values)
    assert found.mean == pytest.approx(np.mean(values))
    assert found.standard_deviation == pytest.approx(np.std(values, ddof=1))
    if len(set(values)) == 1:
        assert found.interval is None
    else:
        expected = stats.ttest_1samp(values, 0.0).confidence_interval(0.95)
        assert found.interval == pytest.approx((expected.low, expected.high))


def test_one_value_has_neither_spread_nor_interval():
    found = estimate([0.7])
    assert (found.mean, found.standard_deviation, found.interval) == (0.7, None, None)
    assert found.to_dict()["num_seeds"] == 1


@pytest.mark.parametrize("number", [2, 3, 6, 10])
def test_students_interval_covers_what_it_promises(number):
    draws = np.random.default_rng(number).normal(0.01, 0.02, (2000, number))
    covered = np.mean([low <= 0.01 <= high for low, high in map(t_interval, draws)])
    assert stats.binom.ppf(1e-6, 2000, 0.95) / 2000 <= covered <= most_of(0.95, 2000)


def test_the_bootstraps_interval_covers_less_and_is_kept_from_small_numbers():
    assert bca_interval([0.1, 0.2, 0.4] * 3) is None
    draws = np.random.default_rng(0).normal(0.01, 0.02, (400, LEAST_FOR_BCA))
    covered = np.mean([low <= 0.01 <= high for low, high in map(bca_interval, draws)])
    assert 0.84 < covered < 0.945  # 0.90 of 4000 draws; Student's has 0.95


def test_the_bootstraps_interval_is_students_on_many_values():
    values = np.random.default_rng(1).normal(5, 1, 400)
    assert bca_interval(values) == pytest.approx(t_interval(values), abs=0.02)


def test_the_bootstraps_interval_moves_with_its_values():
    values = np.random.default_rng(2).exponential(1, 12)
    low, high = bca_interval(values)
    assert bca_interval(3 - 2 * values) == pytest.approx((3 - 2 * high, 3 - 2 * low), abs=0.05)


@given(st.lists(st.sampled_from([0.0, 0.001, 0.3]), min_size=LEAST_FOR_BCA, max_size=12))
def test_values_of_few_kinds_give_an_interval_around_their_mean_or_none(values):
    found = bca_interval(values)
    assert found is None or found[0] <= np.mean(values) <= found[1]
    assert found is not None or len(set(values)) == 1


def brute_force_p(differences):
    sums = np.array(list(product((1, -1), repeat=len(differences)))) @ np.array(differences)
    return np.mean(np.abs(sums) >= abs(sum(differences)) - 1e-9)


@given(st.lists(POINTS, min_size=2, max_size=8))
def test_the_sign_flip_test_tries_all_signs(differences):
    p = sign_flip_p(differences)
    assert p == pytest.approx(brute_force_p(differences))
    assert p == pytest.approx(sign_flip_p([-each for each in differences]))
    assert p >= least_p(len(differences))


def test_the_least_p_is_that_of_one_sign():
    for number in range(1, 9):
        assert sign_flip_p([0.001 * (1 + i) for i in range(number)]) == least_p(number)
    assert least_p(5) > 0.05 > least_p(6)


def test_many_seeds_are_tested_on_drawn_signs():
    differences = np.random.default_rng(3).normal(0.4, 1, 17)
    assert sign_flip_p(differences) == pytest.approx(brute_force_p(differences), abs=0.01)
    assert sign_flip_p(differences) == sign_flip_p(differences)


@pytest.mark.parametrize("number", [6, 9])
@pytest.mark.parametrize("noise", ["normal", "exponential", "standard_cauchy"])
def test_equal_arms_are_rarely_called_different(number, noise):
    draw = getattr(np.random.default_rng(number), noise)
    rejected = [sign_flip_p(draw(size=number) - draw(size=number)) < 0.05 for _ in range(1500)]
    assert np.mean(rejected) <= most_of(0.05, 1500)


@given(P_VALUES)
def test_holm_is_the_closure_of_bonferroni(p_values):
    everything = range(len(p_values))
    subsets = [set(s) for size in range(1, len(p_values) + 1) for s in combinations(everything, size)]
    expected = [max(min(1, len(s) * min(p_values[i] for i in s)) for s in subsets if j in s) for j in everything]
    assert holm(p_values) == pytest.approx(expected)


@given(P_VALUES)
def test_holm_keeps_the_order_and_lies_between_no_correction_and_bonferroni(p_values):
    corrected = holm(p_values)
    for p, q in zip(p_values, corrected, strict=True):
        assert p <= q <= min(1, len(p_values) * p)
    order = np.argsort(p_values, kind="stable")
    assert np.all(np.diff(np.array(corrected)[order]) >= 0)


@given(st.integers(1, 10_000), st.floats(0.001, 0.999))
def test_the_error_of_a_share_is_the_binomials(number, share):
    assert binomial_error(share, number) == pytest.approx(stats.binom.std(number, share) / number, abs=1e-12)


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)), min_size=1, max_size=10))
def test_the_front_is_what_nothing_beats(points):
    is_best = pareto_front(*zip(*points, strict=True))

    def beats(one, other):
        return one[0] <= other[0] and one[1] >= other[1] and one != other

    best = [point for point, kept in zip(points, is_best, strict=True) if kept]
    for point, kept in zip(points, is_best, strict=True):
        assert kept != any(beats(one, point) for one in best)
