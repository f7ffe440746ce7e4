"""Values are said in their own unit."""

import pytest

from convwright.studies.metric import Metric


@pytest.mark.parametrize(
    ("name", "is_share", "level", "gap", "title"),
    [
        ("test_accuracy", True, "12.35 %", "+12.35 points", "test accuracy"),
        ("train_test_gap", True, "12.35 %", "+12.35 points", "train test gap"),
        ("residual_ratio", False, "0.123", "+0.123", "residual ratio"),
    ],
)
def test_shares_are_said_in_percent_and_compared_in_points(name, is_share, level, gap, title):
    metric = Metric(name=name, is_share=is_share)
    assert (metric.level(0.12346), metric.gap(0.12346, signed=True), metric.title) == (level, gap, title)
