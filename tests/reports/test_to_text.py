"""A table that is too wide loses columns, those that matter least first."""

import pytest

from convwright.reports.to_text import fitting_columns

TITLES = ("model", "note", "empty", "MACs")
LINES = [("resnet18", "a long note", "", "1,814,073,344")]


@pytest.mark.parametrize(("width", "shown"), [(80, [0, 1, 3]), (30, [0, 3]), (10, [3])])
def test_columns_are_left_out_in_the_order_given(width, shown):
    assert fitting_columns(TITLES, LINES, width, dispensable=("note", "model")) == shown
