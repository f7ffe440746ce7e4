"""What is open on the page of fields, and what a choice makes of it."""

import re
from itertools import islice
from urllib.parse import parse_qsl

import pytest

from convwright.studio.field.screen import FieldScreen
from convwright.studio.shared.photographs import Photographs
from convwright.studio.shared.workbench import Workbench
from reference.html import Page
from reference.screens import drawn

LAYER = "stages.stage1.0.residual.conv1.conv"
NET = "import torch\nfrom torch import nn\n\n\ndef net():\n    return nn.Sequential({})\n"


@pytest.fixture
def screen():
    return FieldScreen(Workbench("resnet20"), Photographs())


def test_a_design_its_layer_and_a_photograph_are_an_address(screen):
    screen.open({"model": "resnet20", "stem": "imagenet", "layer": "stem.pool", "picture": "coffee"})
    parts, shown = drawn(screen), screen.state
    assert shown.address == "?model=resnet20&stem=imagenet&layer=stem.pool&picture=coffee"
    assert shown.position == 2
    other = FieldScreen(Workbench(), Photographs())
    other.open(dict(parse_qsl(shown.address[1:])))
    assert drawn(other) == parts
    for text in parts.values():
        page = Page(text)
        assert page.unclosed == []
        assert all(place.startswith("/?model=") for place in page.fetched)
    assert 'href="/?model=resnet20&amp;stem=imagenet"' in parts["design"]


def test_at_first_it_is_the_last_layer_over_a_photograph_that_ships(screen):
    drawn(screen)
    shown = screen.state
    assert (shown.address, shown.position) == ("?model=resnet20", 19)
    assert shown.values == {"model": "resnet20", "picture": "chelsea"}


def test_choices_keep_what_is_not_chosen(screen):
    screen.open({"model": "resnet20", "width": "2.0", "picture": "rocket"})
    screen.set("layer", LAYER)
    assert screen.state.address == f"?model=resnet20&width=2&layer={LAYER}&picture=rocket"
    screen.set("picture", "coffee")
    assert screen.state.address == f"?model=resnet20&width=2&layer={LAYER}&picture=coffee"
    screen.set("model", "resnet18")
    assert screen.state.address == "?model=resnet18&picture=coffee"


def test_an_address_of_the_designer_opens(screen):
    screen.open({"model": "resnet20", "with": "model=resnet18", "layer": "stages.stage1.0", "picture": "coffee"})
    drawn(screen)
    shown = screen.state
    assert (screen.problem, shown.position) == ("", 3)
    assert shown.address == "?model=resnet20&layer=stages.stage1.0&picture=coffee"


def test_what_cannot_be_opened_leaves_all_and_says_so(screen):
    screen.set("picture", "rocket")
    before = screen.state.address
    for wrong in (
        {"model": "os:system"},
        {"model": "resnet20", "stam": "1"},
        {"picture": "../x"},
    ):
        screen.open(wrong)
        parts = drawn(screen)
        assert screen.state.address == before
        assert 'role="alert"' in parts["title"]
        assert parts["photo"]
    screen.set("layer", "stages.stage9<b>")
    parts = drawn(screen)
    assert "unknown layer with a window" in parts["title"]
    assert "<b>" not in parts["title"]
    screen.set("layer", "")
    assert 'role="alert"' not in drawn(screen)["title"]


def test_a_design_that_cannot_be_built_or_seen_is_a_sentence(screen, tmp_path, monkeypatch):
    screen.open({"model": "resnet20", "stem": "none"})
    parts = drawn(screen)
    assert "clash" in parts["title"]
    assert parts["photo"] == parts["layers"] == parts["heat"] == ""
    screen.act("heat start")
    assert "clash" in screen.problem
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(NET.format("nn.Conv1d(3, 8, 3)"))
    own = FieldScreen(Workbench("net.py:net"), Photographs())
    own.open({"input": "3x32"})
    assert "expected images of two axes" in drawn(own)["title"]


def test_heat_grows_is_shown_and_belongs_to_its_layer(screen):
    screen.set("layer", LAYER)
    screen.act("heat start")
    first, second, *_, last = screen.draw()
    assert 'data-act="heat stop">Cancel' in first["heat"]
    assert first["overlay"].strip() == ""
    assert second.keys() == {"title", "heat", "overlay"}
    assert 'value="1"' in second["heat"]
    assert re.search(r"falls on [\d,]+ pixels .* of a square of \d px, where 5 px could count", second["heat"])
    assert "data:image/png" in second["overlay"]
    assert 'data-act="heat stop">Clear' in last["heat"]
    screen.set("picture", "coffee")
    assert "data:image/png" in drawn(screen)["overlay"]
    screen.set("layer", "stem.conv.conv")
    assert drawn(screen)["overlay"].strip() == ""


def test_another_layer_or_model_stops_it(screen):
    for change in (
        lambda: screen.set("layer", LAYER),
        lambda: screen.set("model", "resnet18"),
        lambda: screen.act("heat stop"),
    ):
        screen.act("heat start")
        assert len(list(islice(screen.draw(), 2))) == 2
        change()
        assert len(list(screen.draw())) == 1
        assert screen.heat is None


def test_another_photograph_does_not_stop_it(screen):
    screen.act("heat start")
    drawn(screen, 3)
    screen.set("picture", "coffee")
    assert [f'value="{number}"' in step["heat"] for number, step in enumerate(islice(screen.draw(), 2), start=2)] == [
        True,
        True,
    ]


def test_a_network_that_fails_on_numbers_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(
        "from torch import nn\n\n\nclass Net(nn.Sequential):\n    def forward(self, x):\n"
        "        if x.requires_grad:\n            raise KeyError('numbers')\n        return super().forward(x)\n\n\n"
        "def net():\n    return Net(nn.Conv2d(3, 8, 3))\n"
    )
    own = FieldScreen(Workbench("net.py:net"), Photographs())
    own.act("heat start")
    parts = drawn(own)
    assert own.problem.startswith(
        "the effective field of net.py:net cannot be measured: net.py cannot be looked at: Key"
    )
    assert "KeyError: 'numbers': got \"raise KeyError('numbers')\" (net.py:7)" in own.problem
    assert 'role="alert"' in parts["title"]


def test_the_image_has_no_field_to_measure(screen):
    screen.set("layer", "image")
    assert 'data-act="heat start"' not in drawn(screen)["heat"]
    screen.act("heat start")
    assert "no effective field of its own" in screen.problem


def test_a_network_from_a_file_is_measured_with_its_own_weights(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(
        NET.format("nn.Conv2d(3, 8, 5)").replace("    return", "    torch.manual_seed(0)\n    return")
    )
    own = FieldScreen(Workbench("net.py:net"), Photographs())
    own.open({"input": "3x32x32"})
    own.act("heat start")
    drawn(own, 2)
    field = own.heat
    assert field.layer == "0"
    assert (field.gradient > 0).sum() == 25
