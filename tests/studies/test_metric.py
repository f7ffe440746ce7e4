"""Values are said in their own unit."""

import pytest

from convwright.studies.metric import Metric


@pytest.mark.parametrize(
    ("name", "level", "gap", "title"),
    [
        ("test_accuracy", "12.35 %", "+12.35 points", "test accuracy"),
        ("shift_consistency", "12.35 %", "+12.35 points", "shift consistency"),
        ("residual_ratio", "0.123", "+0.123", "residual ratio"),
    ],
)
def test_shares_are_said_in_percent_and_compared_in_points(name, level, gap, title):
    metric = Metric(name=name)
    assert (metric.level(0.12346), metric.gap(0.12346, signed=True), metric.title) == (level, gap, title)
