"""Columns by name, and which of them fit into a terminal."""

import pytest

from convwright.cli.analyze import COLUMN_NAMES
from convwright.errors import ConvwrightError
from convwright.reports.analysis.columns import (
    ALL_COLUMNS,
    DEFAULT_COLUMNS,
    cell_words,
    columns_named,
    fitted_columns,
    named_with_type,
    sort_key,
)

VALUES = {
    "type": "Conv2d",
    "output": (1, 64, 112, 112),
    "parameters": 9_408,
    "macs": 4_089_184_256,
    "flops": 8_178_368_512,
    "field": (7, 7),
    "jump": (2, 2),
}
LINES = [("resnet", VALUES), ("  0", VALUES)]


def test_the_help_names_every_column():
    assert COLUMN_NAMES.split(", ") == list(ALL_COLUMNS)


def test_an_unknown_column_is_named_with_the_nearest():
    assert [column.name for column in columns_named(" macs,output,macs")] == ["macs", "output"]
    with pytest.raises(ConvwrightError, match=r"unknown column 'parameter'.*did you mean parameters"):
        columns_named("output,parameter")
    with pytest.raises(ConvwrightError, match="--columns: expected some of type, input"):
        columns_named(" , ")


def test_the_output_is_the_last_to_go():
    # All are 93 characters wide: 6 for names, and each column with two spaces.
    fitted = {w: fitted_columns(DEFAULT_COLUMNS, LINES, w, is_chosen=False) for w in (120, 80, 70, 60, 52, 40, 26, 10)}
    names = {width: ([column.name for column in shown], is_short) for width, (shown, is_short) in fitted.items()}
    assert names[120] == (["type", "output", "parameters", "macs", "flops", "field", "jump"], False)
    assert names[80] == (["type", "output", "parameters", "macs", "field", "jump"], False)
    assert names[70] == (["type", "output", "parameters", "macs", "field"], False)
    assert names[60] == (["type", "output", "parameters", "macs", "field"], True)
    assert names[52] == (["output", "parameters", "macs"], True)
    assert names[40] == (["output", "parameters"], True)
    assert names[26] == (["output"], True)
    assert names[10] == ([], True)


def test_columns_that_were_asked_for_stay_as_long_as_they_fit_with_short_numbers():
    wanted = columns_named("macs,output,field,kernel")
    shown, is_short = fitted_columns(wanted, LINES, 45, is_chosen=True)
    assert ([column.name for column in shown], is_short) == (["macs", "output", "field"], True)
    shown, _ = fitted_columns(wanted, LINES, 32, is_chosen=True)
    assert [column.name for column in shown] == ["macs", "output"]


def test_a_number_has_its_type_beside_it_where_no_column_shows_types():
    assert named_with_type("  1-3 x 3", {"type": "Block"}, []) == "  1-3 Block x 3"
    assert named_with_type("  1", {"type": "Block"}, [ALL_COLUMNS["type"]]) == "  1"
    assert named_with_type("conv1", {"type": "Conv2d"}, []) == "conv1"
    assert named_with_type("relu", {"type": ""}, []) == "relu"


def test_nothing_is_blank_and_a_share_is_never_a_false_zero():
    assert [cell_words(ALL_COLUMNS[name], None) for name in ALL_COLUMNS] == [""] * len(ALL_COLUMNS)
    assert [cell_words(ALL_COLUMNS["percent"], value) for value in (0.0, 0.0004, 0.123)] == ["", "<0.1", "12.3"]
    assert cell_words(ALL_COLUMNS["macs"], 4_089_184_256, is_short=True) == "4.09 G"


def test_sizes_sort_by_their_product():
    assert sorted([(1, 64), None, (3, 32, 32), (2, None)], key=sort_key) == [None, (2, None), (1, 64), (3, 32, 32)]
