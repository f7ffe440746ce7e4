"""What a turn of a knob makes of the page."""

import re
from urllib.parse import parse_qsl

import pytest

from convwright.studio.designer.screen import Screen
from convwright.studio.shared.design import Design
from convwright.studio.shared.workbench import Workbench
from reference.studio_nets import NET


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
    assert "clash" in screen.judged(shown.view)["spoken"]
    assert "convwright.build" in shown.code
    screen.choose(screen.design.model)
    assert not screen.shown().view.problem


def test_the_linter_follows(screen):
    parts = screen.judged(screen.view())
    assert parts.keys() == {"layers", "findings", "formulas", "spoken", "beside", "mending", "searching", "seen"}
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
    assert screen.judged(screen.view())["formulas"].strip() == ""
    screen.act("explain stages.stage1.0")
    assert screen.judged(screen.view())["formulas"].count("<b>2,304</b>") == 2
    screen.turn("width", "2")
    assert screen.judged(screen.view())["formulas"].count("<b>9,216</b>") == 2
    assert screen.shown().address == "?model=resnet20&width=2&layer=stages.stage1.0"
    screen.choose("speed_cnn")
    assert screen.judged(screen.view())["formulas"].strip() == ""


def test_a_pinned_design_stands_beside_the_next_ones(screen):
    assert screen.judged(screen.view())["beside"] == ""
    screen.act("pin")
    assert "Both are the same design" in screen.judged(screen.view())["beside"]
    screen.turn("stem", "imagenet")
    address = screen.shown().address
    assert address == "?model=resnet20&stem=imagenet&with=model%3Dresnet20"
    beside = screen.judged(screen.view())["beside"]
    assert "<td>cifar</td><td>imagenet</td>" in beside
    assert "Only this" in beside
    other = Screen(Workbench())
    other.open(dict(parse_qsl(address[1:])))
    assert other.opened == screen.opened
    screen.act("swap")
    assert screen.shown().address == "?model=resnet20&with=model%3Dresnet20%26stem%3Dimagenet"
    screen.act("unpin")
    assert screen.shown().address == "?model=resnet20"


def test_two_models_stand_side_by_side_though_one_does_not_run(screen):
    screen.open({"model": "vgg11", "with": "model=resnet20&stem=none"})
    beside = screen.judged(screen.view())["beside"]
    assert "clash" in beside
    assert "<td>resnet20</td><td>vgg11</td>" in beside
    screen.open({"model": "vgg11", "with": "model=vgg7"})
    assert "unknown model &#39;vgg7&#39;" in screen.shown().parts["facts"]
    assert screen.opened.pinned is not None


def test_a_finding_is_fixed_by_a_knob(screen):
    screen.turn("norm", "none")
    findings = screen.judged(screen.view())["findings"]
    (words,) = re.findall(r'data-act="(mend \d+ CW309 [^"]*)"', findings)
    screen.act(words)
    assert screen.is_searching
    while screen.is_searching:
        parts = screen.look_further(60.0)
    assert "Turn norm to batch" in parts["mending"]
    address = screen.shown().address
    assert "&fix=" in address
    other = Screen(Workbench())
    other.open(dict(parse_qsl(address[1:])))
    assert (other.opened, other.is_searching) == (screen.opened, True)
    other.open(dict(parse_qsl(address[1:].partition("&fix=")[0])))
    assert (other.opened.fix, other.mending) == ("", None)
    assert "were tried" in parts["searching"]
    screen.act("take norm")
    assert screen.design == Design(model="resnet20")
    assert (screen.mending, screen.is_searching) == (None, False)


def test_a_search_can_be_stopped_and_left(screen):
    screen.act("mend 1 CW209 stages.stage2.0.residual.conv1.conv")
    screen.act("take stem")  # which was not offered
    assert screen.design == Design(model="resnet20")
    screen.act("stop")
    assert not screen.is_searching
    assert "0 of " in screen.look_further(0.0)["searching"]
    screen.act("leave")
    assert screen.look_further(0.0) == {"mending": "", "searching": ""}
    screen.act("mend 0 CW999 x")
    assert "CW999 is not found there any more" in screen.shown().parts["facts"]
    screen.act("write")
    screen.act("take-back")
    assert screen.problem == ""


def test_an_old_link_opens_its_design_though_its_photograph_or_finding_is_gone(screen):
    screen.open({"model": "resnet20", "width": "2", "layer": "stem", "picture": "yours-0123456789ab", "fix": "0 CW1 x"})
    assert screen.design.options == {"width": 2.0}
    assert "unknown photograph" in screen.problem
    assert (screen.opened.picture, screen.opened.fix) == ("chelsea", "")
    assert "<img" in screen.judged(screen.view())["seen"]
    screen.open({"model": "resnet20", "fix": "0 CW1 x"})
    assert "not found there" in screen.problem


def test_a_fix_of_the_file_is_written_and_taken_back(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "net.py"
    file.write_text(NET)
    screen = Screen(Workbench("net.py:Net"))
    assert "take-back" not in screen.judged(screen.view())["findings"]
    screen.act("mend 0 CW301 0")
    assert "Write this to the file (same output)" in screen.judged(screen.view())["mending"]
    assert file.read_text() == NET
    screen.act("write")
    assert "bias=False" in file.read_text()
    parts = screen.judged(screen.view())
    assert (parts["mending"], "take-back" in parts["findings"]) == ("", True)
    screen.act("take-back")
    assert file.read_text() == NET
    screen.act("mend 0 CW301 0")
    file.write_text(NET + "# mine\n")
    screen.act("write")
    assert "changed meanwhile" in screen.shown().parts["facts"]
    assert file.read_text() == NET + "# mine\n"


@pytest.mark.parametrize("words", ["", "dance", "mend", "mend 7", "take", "write now"])
def test_what_no_button_says_does_nothing_bad(screen, words):
    screen.act(words)
    assert screen.design == Design(model="resnet20")
