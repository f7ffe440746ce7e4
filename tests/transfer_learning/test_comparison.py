"""Rows against their definitions, and the rule that recommends, on outcomes that are made up."""

import statistics
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binomtest, t

from convwright.transfer_learning.comparison import _lead, recommend, rows_of
from reference.outcomes import outcome

ALL, MOST, HALF = [True] * 20, [True] * 18 + [False] * 2, [True] * 10 + [False] * 10


def test_a_row_is_over_the_seeds_of_a_strategy_and_share():
    runs = [outcome(MOST, seed=0), outcome(HALF, seed=1), outcome(ALL, share=0.5)]
    row, half = rows_of(runs)
    assert (half.share, half.test_accuracy.mean) == (0.5, 1.0)
    assert row.test_accuracy.mean == row.validation_accuracy == pytest.approx(0.7)
    assert row.test_accuracy.standard_deviation == pytest.approx(statistics.stdev([0.9, 0.5]))
    wilson = binomtest(14, 20).proportion_ci(method="wilson")
    assert row.test_interval == pytest.approx((wilson.low, wilson.high))
    assert row.gap == pytest.approx(0.3)
    assert (row.training_seconds, row.peak_bytes, row.is_network) == (1.5, 200, True)


def test_the_cheapest_within_a_standard_error_is_recommended():
    found = recommend(
        [
            outcome(ALL, "finetune", num_trained=1000),
            outcome([*ALL[:-1], False], "probe"),
            outcome(HALF, "bad", num_trained=1),
        ]
    )
    assert (found.strategy, found.best) == ("probe", "finetune")
    assert found.lead == pytest.approx(1 / 20)
    assert found.standard_error == pytest.approx(statistics.stdev([0.0] * 19 + [1.0]) / 20**0.5)
    assert "Ship probe: right on 95.0% of the validation images, 5.0 points below finetune" in found.reason
    assert "n = 20" in found.reason


def test_a_clear_winner_is_recommended_whatever_it_costs():
    found = recommend([outcome(ALL, "finetune", num_trained=1000), outcome(MOST[::-1], "probe", num_trained=1)])
    assert found.strategy == found.best == "finetune"
    assert "most of all" in found.reason


def test_an_image_that_several_seeds_validate_with_counts_once():
    same = [outcome(MOST, "a", seed) for seed in (0, 1)] + [outcome(HALF, "b", seed) for seed in (0, 1)]
    other = [outcome(MOST, "a", 0), outcome(MOST, "a", 1, validated=tuple(range(20, 40)))]
    other += [outcome(HALF, "b", 0), outcome(HALF, "b", 1, validated=tuple(range(20, 40)))]
    values = [0.0] * 10 + [1.0] * 8 + [0.0] * 2
    assert _lead(same[:2], same[2:]) == pytest.approx((0.4, statistics.stdev(values) / 20**0.5))
    assert _lead(other[:2], other[2:]) == pytest.approx((0.4, statistics.stdev(values * 2) / 40**0.5))


def test_differences_are_paired_by_test_image_over_seeds():
    runs = [outcome(ALL, "a", seed) for seed in (0, 1)] + [outcome(MOST, "b", 0), outcome(HALF, "b", 1)]
    (difference,) = recommend(runs).differences
    means = np.mean([1.0 - np.array(MOST), 1.0 - np.array(HALF)], axis=0)
    half = t.ppf(0.975, 19) * means.std(ddof=1) / 20**0.5
    assert (difference.strategy, difference.mean) == ("b", pytest.approx(means.mean()))
    assert difference.interval == pytest.approx((means.mean() - half, means.mean() + half))


def test_only_networks_that_saw_all_images_are_recommended():
    knn = outcome(ALL, "knn")
    knn = replace(knn, result=replace(knn.result, model=None))
    assert recommend([knn]) is None
    assert recommend([outcome(ALL, "a", share=0.5)]) is None
    assert recommend([knn, outcome(HALF, "b")]).strategy == "b"
