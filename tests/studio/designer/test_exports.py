"""Files that are taken along say what is shown."""

import json
from xml.etree import ElementTree

import pytest

from convwright.errors import ConvwrightError
from convwright.reports.analysis.page import analysis_page
from convwright.studio.designer.exports import export
from convwright.studio.designer.screen import Screen
from convwright.studio.shared.workbench import Workbench
from reference.html import Page


@pytest.fixture
def screen():
    return Screen(Workbench("resnet20"))


def test_each_format_is_what_the_command_line_writes(screen):
    shown = screen.shown()
    facts = export(shown, "json")
    assert facts.name == "resnet20.json"
    assert json.loads(facts.text) == shown.view.analysis.to_dict()
    page = export(shown, "html").text
    assert page == analysis_page(shown.view.analysis)
    assert Page(page).fetched == []
    assert export(shown, "py").text == shown.code
    picture = ElementTree.fromstring(export(shown, "svg").text)
    assert picture.tag == "{http://www.w3.org/2000/svg}svg"
    assert len(picture.findall("{*}g")) == 4


def test_what_there_is_not_is_said(screen, tmp_path, monkeypatch):
    with pytest.raises(ConvwrightError, match="unknown format 'exe'"):
        export(screen.shown(), "exe")
    screen.turn("stem", "none")
    with pytest.raises(ConvwrightError, match="clash"):
        export(screen.shown(), "json")
    assert 'stem="none"' in export(screen.shown(), "py").text
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text("from torch import nn\n\n\ndef tiny():\n    return nn.Conv2d(3, 8, 3)\n")
    own = Screen(Workbench("net.py:tiny")).shown()
    assert export(own, "json").name == "net_py_tiny.json"
    with pytest.raises(ConvwrightError, match="is code already"):
        export(own, "py")
