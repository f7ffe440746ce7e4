"""What `convwright.analyze` returns shows itself."""

import sys

import pytest

from convwright.analysis.facts import Analysis
from convwright.errors import ConvwrightError
from convwright.models import build
from convwright.reports import analyze


def test_it_shows_itself_in_terminal_and_notebook():
    found = analyze(build("resnet20", device="meta").eval(), (1, 3, 32, 32), label="resnet20")
    assert isinstance(found, Analysis)
    assert "269,722" in str(found)  # He et al. 2016a, table 6: 0.27 M
    assert found._repr_html_().lstrip().startswith("<section")
    assert repr(found).startswith("<Analysis of resnet20")


def test_it_is_a_table_of_pandas(monkeypatch):
    found = analyze(build("resnet20", device="meta").eval(), (1, 3, 32, 32))
    table = found.to_pandas()
    assert len(table) == len(found.graph.ops)
    assert table["parameters"].sum() == 269_722
    assert table.groupby("module_type")["macs"].sum()["Linear"] == 640
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ConvwrightError, match="a DataFrame needs pandas; pip install pandas"):
        found.to_pandas()
