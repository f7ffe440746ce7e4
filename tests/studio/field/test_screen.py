"""What is open on the page of fields, and what a choice makes of it."""

import re
from urllib.parse import parse_qsl

import pytest

from convwright.errors import ConvwrightError
from convwright.studio.field.screen import FieldScreen
from convwright.studio.shared.photographs import Photographs
from convwright.studio.shared.workbench import Workbench
from reference.html import Page

LAYER = "stages.stage1.0.residual.conv1.conv"
NET = "import torch\nfrom torch import nn\n\n\ndef net():\n    return nn.Sequential({})\n"


@pytest.fixture
def screen():
    return FieldScreen(Workbench("resnet20"), Photographs())


def test_a_design_its_layer_and_a_photograph_are_an_address(screen):
    screen.open({"model": "resnet20", "stem": "imagenet", "layer": "stem.pool", "picture": "coffee"})
    shown = screen.shown()
    assert shown.address == "?model=resnet20&stem=imagenet&layer=stem.pool&picture=coffee"
    assert shown.step == 2
    other = FieldScreen(Workbench(), Photographs())
    other.open(dict(parse_qsl(shown.address[1:])))
    assert other.shown().parts == shown.parts
    for text in shown.parts.values():
        page = Page(text)
        assert page.unclosed == []
        assert all(place.startswith("/?model=") for place in page.fetched)
    assert 'href="/?model=resnet20&amp;stem=imagenet"' in shown.parts["design"]


def test_at_first_it_is_the_last_layer_over_a_photograph_that_ships(screen):
    shown = screen.shown()
    assert (shown.address, shown.step) == ("?model=resnet20", 19)
    assert shown.values == {"model": "resnet20", "picture": "chelsea"}


def test_choices_keep_what_is_not_chosen(screen):
    screen.open({"model": "resnet20", "width": "2.0", "picture": "rocket"})
    screen.turn("layer", LAYER)
    assert screen.shown().address == f"?model=resnet20&width=2&layer={LAYER}&picture=rocket"
    screen.turn("picture", "coffee")
    assert screen.shown().address == f"?model=resnet20&width=2&layer={LAYER}&picture=coffee"
    screen.turn("model", "resnet18")
    assert screen.shown().address == "?model=resnet18&picture=coffee"


def test_an_address_of_the_designer_opens(screen):
    screen.open({"model": "resnet20", "with": "model=resnet18", "layer": "stages.stage1.0", "picture": "coffee"})
    shown = screen.shown()
    assert (screen.problem, shown.step) == ("", 3)
    assert shown.address == "?model=resnet20&layer=stages.stage1.0&picture=coffee"


def test_what_cannot_be_opened_leaves_all_and_says_so(screen):
    screen.turn("picture", "rocket")
    before = screen.shown().address
    for wrong in (
        {"model": "os:system"},
        {"model": "resnet20", "stam": "1"},
        {"picture": "../x"},
    ):
        screen.open(wrong)
        shown = screen.shown()
        assert shown.address == before
        assert 'role="alert"' in shown.parts["title"]
        assert shown.parts["photo"]
    screen.turn("layer", "stages.stage9<b>")
    parts = screen.shown().parts
    assert "unknown layer with a window" in parts["title"]
    assert "<b>" not in parts["title"]
    screen.turn("layer", "")
    assert 'role="alert"' not in screen.shown().parts["title"]


def test_a_design_that_cannot_be_built_or_seen_is_a_sentence(screen, tmp_path, monkeypatch):
    screen.open({"model": "resnet20", "stem": "none"})
    parts = screen.shown().parts
    assert "clash" in parts["title"]
    assert parts["photo"] == parts["layers"] == parts["heat"] == ""
    with pytest.raises(ConvwrightError, match="clash"):
        screen.heats()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(NET.format("nn.Conv1d(3, 8, 3)"))
    own = FieldScreen(Workbench("net.py:net"), Photographs())
    own.open({"input": "3x32"})
    assert "expected images of two axes" in own.shown().parts["title"]


def test_heat_grows_is_shown_and_belongs_to_its_layer(screen):
    screen.turn("layer", LAYER)
    heats = screen.heats()
    assert screen.is_measuring(heats)
    assert 'data-heat="stop"' in screen.shown().parts["heat"]
    assert screen.shown().parts["overlay"].strip() == ""
    screen.measure(heats)
    parts = screen.shown().parts
    assert 'value="1"' in parts["heat"]
    assert re.search(r"falls on [\d,]+ pixels .* of a square of \d px, where 5 px could count", parts["heat"])
    assert "data:image/png" in parts["overlay"]
    while screen.is_measuring(heats):
        screen.measure(heats)
    assert not screen.is_measuring(heats)
    assert 'data-heat="clear"' in screen.shown().parts["heat"]
    screen.turn("picture", "coffee")
    assert "data:image/png" in screen.shown().parts["overlay"]
    screen.turn("layer", "stem.conv.conv")
    assert screen.shown().parts["overlay"].strip() == ""


def test_another_layer_or_model_stops_it(screen):
    for change in (lambda: screen.turn("layer", LAYER), lambda: screen.turn("model", "resnet18"), screen.cool):
        heats = screen.heats()
        change()
        screen.measure(heats)  # which was on its way
        assert not screen.is_measuring(heats)
        assert screen.heat is None


def test_a_network_that_fails_on_numbers_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(
        "from torch import nn\n\n\nclass Net(nn.Sequential):\n    def forward(self, x):\n"
        "        if x.requires_grad:\n            raise KeyError('numbers')\n        return super().forward(x)\n\n\n"
        "def net():\n    return Net(nn.Conv2d(3, 8, 3))\n"
    )
    own = FieldScreen(Workbench("net.py:net"), Photographs())
    heats = own.heats()
    own.measure(heats)
    assert not own.is_measuring(heats)
    assert own.problem == "the effective field of net.py:net cannot be measured: 'numbers'"
    assert 'role="alert"' in own.shown().parts["title"]


def test_the_image_has_no_field_to_measure(screen):
    screen.turn("layer", "image")
    assert 'data-heat="start"' not in screen.shown().parts["heat"]
    with pytest.raises(ConvwrightError, match="no effective field of its own"):
        screen.heats()


def test_a_network_from_a_file_is_measured_with_its_own_weights(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(
        NET.format("nn.Conv2d(3, 8, 5)").replace("    return", "    torch.manual_seed(0)\n    return")
    )
    own = FieldScreen(Workbench("net.py:net"), Photographs())
    own.open({"input": "3x32x32"})
    field = next(own.heats())
    assert field.layer == "0"
    assert (field.gradient > 0).sum() == 25
