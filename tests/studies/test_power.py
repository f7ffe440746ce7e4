"""Power: against published sample sizes and simulation."""

from itertools import product

import numpy as np
import pytest

from convwright.errors import ConvwrightError
from convwright.statistics import sign_flip_p
from convwright.studies.power import power, seeds_to_settle


@pytest.mark.parametrize(("effect", "pairs"), [(0.2, 199), (0.5, 34)])
def test_many_seeds_are_those_of_the_paired_t_test(effect, pairs):
    """Cohen's small and medium effects, two-sided at 0.05 with power 0.8, as tables of the paired t-test have them."""
    assert seeds_to_settle(effect, 1.0) == pairs


def all_p(draws):
    """The p of each row, from all signs at once."""
    signs = np.array(list(product((1.0, -1.0), repeat=draws.shape[1])))
    return (np.abs(draws @ signs.T) >= np.abs(draws.sum(1, keepdims=True)) - 1e-12).mean(1)


@pytest.mark.parametrize(("effect", "num_seeds", "arms"), [(1.5, 6, 1), (1.0, 9, 1), (1.0, 14, 1), (1.3, 11, 3)])
def test_the_power_is_how_often_the_test_finds_the_effect(effect, num_seeds, arms):
    draws = np.random.default_rng(7).normal(effect, 1, (1000, num_seeds))
    p_values = all_p(draws)
    assert p_values[:5] == pytest.approx([sign_flip_p(each) for each in draws[:5]])
    found = np.mean(p_values < 0.05 / arms)
    error = np.sqrt(found * (1 - found) * (1 / 1000 + 1 / 2000))
    assert power(effect, num_seeds, num_comparisons=arms) == pytest.approx(found, abs=4 * error)


def test_simulation_and_students_test_meet():
    """The step from 12 to 13 seeds is one more seed, not another method."""
    for effect in (0.5, 0.8, 1.1):
        steps = np.diff([power(effect, number) for number in range(9, 18)])
        assert np.all(steps > -0.02)
        assert steps.max() < 0.09


def test_no_difference_is_found_rarely_and_without_the_seeds_never():
    assert power(1e-6, 8) <= 0.065
    assert power(1e-6, 30) == pytest.approx(0.05)
    assert power(100.0, 5) == power(100.0, 6, num_comparisons=2) == 0.0


def test_the_number_settles_and_one_less_does_not():
    for ratio in (0.3, 0.9, 1.2, 1.7, 2.5):
        number = seeds_to_settle(ratio, 1.0, num_comparisons=2)
        assert power(ratio, number, num_comparisons=2) >= 0.8 > power(ratio, number - 1, num_comparisons=2)


def test_more_arms_less_difference_and_more_spread_take_more_seeds():
    assert seeds_to_settle(0.01, 0.02, num_comparisons=8) > seeds_to_settle(0.01, 0.02) > seeds_to_settle(0.02, 0.02)
    assert seeds_to_settle(0.01, 0.02) == seeds_to_settle(1, 2)
    assert seeds_to_settle(0.01, 0.0) == 6
    assert seeds_to_settle(0.001, 1.0) > 1_000_000


@pytest.mark.parametrize(("difference", "spread"), [(0.0, 1.0), (-0.1, 1.0), (0.1, -1.0)])
def test_what_cannot_be_settled_is_said(difference, spread):
    with pytest.raises(ConvwrightError, match="expected"):
        seeds_to_settle(difference, spread)
