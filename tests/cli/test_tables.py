"""Sheets in a terminal: what is aligned, and what gives way."""

from convwright.cli._tables import fitting_table, table_of_sheet
from convwright.reports.sheet import Sheet

SHEET = Sheet(titles=("arm", "accuracy", "parameters"), lines=[("max", "91.2", "1.00 k")])


def test_numbers_stand_on_the_right():
    table = table_of_sheet(SHEET)
    assert [column.justify for column in table.columns] == ["left", "right", "right"]
    assert list(table.columns[2].cells) == ["1.00 k"]


def test_only_what_can_be_spared_gives_way():
    narrow = fitting_table(SHEET, 18, dispensable=("parameters",))
    assert [column.header for column in narrow.columns] == ["arm", "accuracy"]
    assert len(fitting_table(SHEET, 80, dispensable=("parameters",)).columns) == 3
