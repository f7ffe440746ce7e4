"""Files that are taken along say what is shown."""

import json
from xml.etree import ElementTree

import pytest

from convwright.errors import ConvwrightError
from convwright.reports.analysis.page import analysis_page
from convwright.studio.designer.code import code_of
from convwright.studio.designer.exports import export
from convwright.studio.shared.workbench import Workbench
from reference.html import Page


@pytest.fixture
def bench():
    return Workbench("resnet20")


def test_each_format_is_what_the_command_line_writes(bench):
    view = bench.view(bench.first)
    facts = export(view, "", "json")
    assert facts.name == "resnet20.json"
    assert json.loads(facts.text) == view.analysis.to_dict()
    page = export(view, "", "html").text
    assert page == analysis_page(view.analysis)
    assert Page(page).fetched == []
    assert export(view, "code", "py").text == "code"
    picture = ElementTree.fromstring(export(view, "", "svg").text)
    assert picture.tag == "{http://www.w3.org/2000/svg}svg"
    assert len(picture.findall("{*}g")) == 4


def test_what_there_is_not_is_said(bench, tmp_path, monkeypatch):
    with pytest.raises(ConvwrightError, match="unknown format 'exe'"):
        export(bench.view(bench.first), "", "exe")
    broken = bench.design({"stem": "none"})
    with pytest.raises(ConvwrightError, match="clash"):
        export(bench.view(broken), "", "json")
    assert 'stem="none"' in export(bench.view(broken), code_of(broken), "py").text
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text("from torch import nn\n\n\ndef tiny():\n    return nn.Conv2d(3, 8, 3)\n")
    own = Workbench("net.py:tiny")
    assert export(own.view(own.first), "", "json").name == "net_py_tiny.json"
    with pytest.raises(ConvwrightError, match="is code already"):
        export(own.view(own.first), "", "py")
