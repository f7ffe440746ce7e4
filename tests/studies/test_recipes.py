"""Recipes that studies share."""

from convwright.studies.recipes import ONE_CYCLE
from convwright.training.schedules import lr_factor


def test_one_cycle_rises_to_its_rate_and_ends_near_nothing_at_any_length():
    for num_steps in (8, 400, 10_000):
        factors = [lr_factor(ONE_CYCLE.schedule, step, num_steps) for step in range(num_steps)]
        assert factors[0] < 0.05
        assert max(factors) > 0.99
        assert factors[-1] < 0.01


def test_all_arms_compute_alike():
    assert ONE_CYCLE.precision == "fp32"
