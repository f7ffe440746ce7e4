"""What a turn of a knob makes of the page."""

from urllib.parse import parse_qsl

import pytest

from convwright.studio.design import Design
from convwright.studio.screen import Screen, judged
from convwright.studio.workbench import Workbench


@pytest.fixture
def screen():
    return Screen(Workbench("resnet20"))


def test_a_turn_changes_the_page_and_its_address(screen):
    screen.turn("num_classes", "100")
    shown = screen.shown()
    assert shown.address == "?model=resnet20&num_classes=100"
    assert shown.changed == ("num_classes",)
    assert shown.values["num_classes"] == "100"
    assert shown.values["model"] == "resnet20"
    assert 'build("resnet20", num_classes=100)' in shown.code
    assert "276 k parameters, 40.6 MMACs at 3x32x32." in shown.code
    assert "x1.02" in shown.parts["facts"]


def test_turned_back_it_is_as_it_was(screen):
    before = screen.shown()
    screen.turn("num_classes", "100")
    screen.turn("num_classes", "10")
    assert screen.design == Design(model="resnet20")
    assert screen.shown().parts == before.parts


def test_its_address_opens_it_on_another_page(screen):
    screen.choose("efficientnet_b0")
    screen.turn("width", "0.5")
    other = Screen(Workbench())
    other.open(dict(parse_qsl(screen.shown().address[1:])))
    assert other.design == screen.design


def test_what_cannot_be_read_leaves_the_design_and_says_so(screen):
    for wrong in (
        lambda: screen.turn("width", "wide"),
        lambda: screen.turn("wdth", "1"),
        lambda: screen.open({"model": "x"}),
    ):
        wrong()
        shown = screen.shown()
        assert screen.design == Design(model="resnet20")
        assert 'role="alert"' in shown.parts["facts"]
        assert 'class="totals"' in shown.parts["facts"]
    screen.turn("width", "1")
    assert 'role="alert"' not in screen.shown().parts["facts"]


def test_what_cannot_be_built_can_be_turned_back(screen):
    screen.turn("stem", "none")
    shown = screen.shown()
    assert "clash" in shown.parts["facts"]
    assert shown.address.endswith("stem=none")
    assert "clash" in judged(shown.view)["spoken"]
    assert "convwright.build" in shown.code
    screen.choose(screen.design.model)
    assert not screen.shown().view.problem


def test_the_linter_follows(screen):
    parts = judged(screen.view())
    assert parts.keys() == {"layers", "findings", "formulas", "spoken"}
    assert not parts.keys() & screen.shown().parts.keys()


def test_a_network_from_a_file_has_no_code_to_export(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text("from torch import nn\n\n\ndef tiny():\n    return nn.Conv2d(3, 8, 3)\n")
    shown = Screen(Workbench("net.py:tiny")).shown()
    assert shown.code == ""
    assert "<pre" not in shown.parts["code"]
    assert 'data-export="py"' not in shown.parts["code"]
    assert 'data-export="svg"' in shown.parts["code"]
    assert "224" in shown.parts["knobs"]


def test_the_formulas_of_a_layer_follow_the_knobs(screen):
    assert judged(screen.view(), screen.layer)["formulas"].strip() == ""
    screen.layer = "stages.stage1.0"
    assert judged(screen.view(), screen.layer)["formulas"].count("<b>2,304</b>") == 2
    screen.turn("width", "2")
    assert judged(screen.view(), screen.layer)["formulas"].count("<b>9,216</b>") == 2
    screen.choose("speed_cnn")
    assert judged(screen.view(), screen.layer)["formulas"].strip() == ""
