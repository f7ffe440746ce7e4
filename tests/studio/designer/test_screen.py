"""What a turn of a knob makes of the page."""

import re
from html import unescape
from urllib.parse import parse_qsl

import pytest

from convwright.studio.designer.screen import DesignerScreen
from convwright.studio.shared.design import Design
from convwright.studio.shared.workbench import Workbench
from reference.screens import drawn
from reference.studio_nets import NET


@pytest.fixture
def screen():
    return DesignerScreen(Workbench("resnet20"))


def test_a_turn_changes_the_page_and_its_address(screen):
    screen.set("num_classes", "100")
    shown, parts = screen.state, drawn(screen)
    code = unescape(parts["code"])
    assert shown.address == "?model=resnet20&num_classes=100"
    assert shown.changed == ("num_classes",)
    assert shown.values["num_classes"] == "100"
    assert shown.values["model"] == "resnet20"
    assert 'build("resnet20", num_classes=100)' in code
    assert "276 k parameters, 40.6 MMACs at 3x32x32." in code
    assert "x1.02" in parts["facts"]


def test_turned_back_it_is_as_it_was(screen):
    before = drawn(screen)
    screen.set("num_classes", "100")
    screen.set("num_classes", "10")
    assert screen.design == Design(model="resnet20")
    assert drawn(screen) == before


def test_its_address_opens_it_on_another_page(screen):
    screen.set("model", "efficientnet_b0")
    screen.set("width", "0.5")
    other = DesignerScreen(Workbench())
    other.open(dict(parse_qsl(screen.state.address[1:])))
    assert other.design == screen.design


def test_what_cannot_be_read_leaves_the_design_and_says_so(screen):
    for wrong in (
        lambda: screen.set("width", "wide"),
        lambda: screen.set("wdth", "1"),
        lambda: screen.open({"model": "x"}),
    ):
        wrong()
        parts = drawn(screen)
        assert screen.design == Design(model="resnet20")
        assert 'role="alert"' in parts["facts"]
        assert 'class="totals"' in parts["facts"]
    screen.set("width", "1")
    assert 'role="alert"' not in drawn(screen)["facts"]


def test_what_cannot_be_built_can_be_turned_back(screen):
    screen.set("stem", "none")
    parts = drawn(screen)
    assert "clash" in parts["facts"]
    assert screen.state.address.endswith("stem=none")
    assert "clash" in parts["spoken"]
    assert "convwright.build" in parts["code"]
    screen.act("reset")
    assert "clash" not in drawn(screen)["facts"]


def test_the_picture_comes_first_and_the_linter_follows(screen):
    first, second = screen.draw()
    assert first.keys() == {"models", "knobs", "facts", "code", "photograph"}
    assert second.keys() == {
        "layers", "findings", "layer", "formulas", "spoken", "side_by_side", "fix", "searching",
    }  # fmt: skip


def test_what_is_a_step_of_the_history(screen):
    for change, is_step in (
        (lambda: screen.set("width", "2"), True),
        (lambda: screen.act("explain stem"), False),
        (lambda: screen.act("pin"), True),
        (lambda: screen.set("picture", "coffee"), False),
        (lambda: screen.open({}), True),
    ):
        change()
        assert screen.state.is_step == is_step


def test_a_network_from_a_file_has_no_code_to_export(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text("from torch import nn\n\n\ndef tiny():\n    return nn.Conv2d(3, 8, 3)\n")
    screen = DesignerScreen(Workbench("net.py:tiny"))
    parts = drawn(screen)
    assert screen.act("export py") is None
    assert "is code already" in screen.problem
    assert "<pre" not in parts["code"]
    assert 'data-act="export py"' not in parts["code"]
    assert 'data-act="export svg"' in parts["code"]
    assert "224" in parts["knobs"]


def test_the_formulas_of_a_layer_follow_the_knobs(screen):
    assert drawn(screen)["formulas"].strip() == ""
    screen.act("explain stages.stage1.0")
    assert drawn(screen)["formulas"].count("<b>2,304</b>") == 2
    screen.set("width", "2")
    assert drawn(screen)["formulas"].count("<b>9,216</b>") == 2
    assert screen.state.address == "?model=resnet20&width=2&layer=stages.stage1.0"
    screen.set("model", "speed_cnn")
    assert drawn(screen)["formulas"].strip() == ""


def test_a_pinned_design_stands_beside_the_next_ones(screen):
    assert drawn(screen)["side_by_side"] == ""
    screen.act("pin")
    assert "Both are the same design" in drawn(screen)["side_by_side"]
    screen.set("stem", "imagenet")
    address = screen.state.address
    assert address == "?model=resnet20&stem=imagenet&with=model%3Dresnet20"
    beside = drawn(screen)["side_by_side"]
    assert "<td>cifar</td><td>imagenet</td>" in beside
    assert "Only this" in beside
    other = DesignerScreen(Workbench())
    other.open(dict(parse_qsl(address[1:])))
    assert other.opened == screen.opened
    screen.act("swap")
    assert screen.state.address == "?model=resnet20&with=model%3Dresnet20%26stem%3Dimagenet"
    screen.act("unpin")
    assert screen.state.address == "?model=resnet20"


def test_two_models_stand_side_by_side_though_one_does_not_run(screen):
    screen.open({"model": "vgg11", "with": "model=resnet20&stem=none"})
    beside = drawn(screen)["side_by_side"]
    assert "clash" in beside
    assert "<td>resnet20</td><td>vgg11</td>" in beside
    screen.open({"model": "vgg11", "with": "model=vgg7"})
    assert "unknown model &#39;vgg7&#39;" in drawn(screen)["facts"]
    assert screen.opened.pinned is not None


def test_a_finding_is_fixed_by_a_knob(screen):
    screen.set("norm", "none")
    findings = drawn(screen)["findings"]
    (words,) = re.findall(r'data-act="(fix \d+ CW309 [^"]*)"', findings)
    screen.act(words)
    parts = drawn(screen)
    assert "Set norm to batch" in parts["fix"]
    address = screen.state.address
    assert "&fix=" in address
    other = DesignerScreen(Workbench())
    other.open(dict(parse_qsl(address[1:])))
    assert (other.opened, other.fix.search.is_done) == (screen.opened, False)
    other.open(dict(parse_qsl(address[1:].partition("&fix=")[0])))
    assert (other.opened.fix, other.fix) == ("", None)
    assert "were tried" in parts["searching"]
    screen.act("take norm")
    assert screen.design == Design(model="resnet20")
    assert screen.fix is None


def test_a_search_can_be_stopped_and_left(screen):
    screen.act("fix 1 CW209 stages.stage2.0.residual.conv1.conv")
    screen.act("take stem")  # which was not offered
    assert screen.design == Design(model="resnet20")
    screen.act("stop")
    assert "0 of " in drawn(screen)["searching"]
    screen.act("leave")
    assert (drawn(screen)["fix"], drawn(screen)["searching"]) == ("", "")
    screen.act("fix 0 CW999 x")
    assert "CW999 is not found there any more" in drawn(screen)["facts"]
    screen.act("write")
    screen.act("take-back")
    assert screen.problem == ""


def test_an_old_link_opens_its_design_though_its_photograph_or_finding_is_gone(screen):
    screen.open({"model": "resnet20", "width": "2", "layer": "stem", "picture": "yours-0123456789ab", "fix": "0 CW1 x"})
    assert screen.design.options == {"width": 2.0}
    assert "unknown photograph" in screen.problem
    assert (screen.opened.picture, screen.opened.fix) == ("chelsea", "")
    assert "<img" in drawn(screen)["layer"]
    screen.open({"model": "resnet20", "fix": "0 CW1 x"})
    assert "not found there" in screen.problem


def test_a_fix_of_the_file_is_written_and_taken_back(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "net.py"
    file.write_text(NET)
    screen = DesignerScreen(Workbench("net.py:Net"))
    assert "take-back" not in drawn(screen)["findings"]
    screen.act("fix 0 CW301 0")
    assert "Write this to the file (same output)" in drawn(screen)["fix"]
    assert file.read_text() == NET
    screen.act("write")
    assert "bias=False" in file.read_text()
    parts = drawn(screen)
    assert (parts["fix"], "take-back" in parts["findings"]) == ("", True)
    screen.act("take-back")
    assert file.read_text() == NET
    screen.act("fix 0 CW301 0")
    file.write_text(NET + "# mine\n")
    screen.act("write")
    assert "changed meanwhile" in drawn(screen)["facts"]
    assert file.read_text() == NET + "# mine\n"


@pytest.mark.parametrize("words", ["", "dance", "mend", "fix 7", "take", "write now"])
def test_what_no_button_says_does_nothing_bad(screen, words):
    screen.act(words)
    assert screen.design == Design(model="resnet20")
