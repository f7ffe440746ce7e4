"""CSV has exact values, for other programs."""

import csv
import io

from convwright.analysis.analyze import analyze
from convwright.models import build
from convwright.reports.analysis.columns import ALL_COLUMNS, columns_named
from convwright.reports.analysis.layers import TableChoice
from convwright.reports.analysis.table_csv import analysis_csv


def read(choice=None):
    found = analyze(build("resnet20", device="meta").eval(), (1, 3, 32, 32), label="resnet20")
    return found, list(csv.DictReader(io.StringIO(analysis_csv(found, choice))))


def test_every_column_with_exact_values():
    found, rows = read()
    assert list(rows[0]) == ["level", "layer", "path", *(name for name in ALL_COLUMNS if name != "latency")]
    assert rows[0]["macs"] == str(found.totals.macs)
    assert rows[1]["output"] == "1x16x32x32"
    first = [row for row in rows if row["level"] == "1"]
    assert sum(int(row["parameters"]) for row in first) == 269_722


def test_columns_and_lines_by_choice():
    _, rows = read(TableChoice(columns=columns_named("macs,kernel"), sort="macs"))
    assert list(rows[0]) == ["level", "layer", "path", "macs", "kernel"]
    assert rows[0]["kernel"] == "3x3"
    assert rows[-1]["macs"] == "0"
