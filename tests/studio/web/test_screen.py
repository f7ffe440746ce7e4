"""Every page keeps the one protocol."""

import json
from dataclasses import asdict
from urllib.parse import parse_qsl

import pytest
from markupsafe import Markup

from convwright.studio.bricks.screen import BricksScreen
from convwright.studio.designer.file_edits import FileEdits
from convwright.studio.designer.screen import DesignerScreen
from convwright.studio.field.screen import FieldScreen
from convwright.studio.runs.explanation import Explainer
from convwright.studio.runs.runs import Runs
from convwright.studio.runs.screen import RunsScreen
from convwright.studio.shared.html import templates_beside
from convwright.studio.shared.photographs import Photographs
from convwright.studio.shared.workbench import Workbench
from convwright.studio.web import screen as room
from convwright.studio.zoo import screen as zoo
from convwright.studio.zoo.table import ZooTable
from reference.html import Page
from reference.screens import drawn

BENCH = Workbench("resnet20")
SCREENS = {
    "designer": (lambda _: DesignerScreen(BENCH, FileEdits(BENCH), Photographs()), {"layer": "stem"}),
    "zoo": (lambda _: zoo.ZooScreen(ZooTable(BENCH)), {"words": "resnet"}),
    "bricks": (lambda _: BricksScreen(Photographs()), {"stride": "3"}),
    "field": (lambda _: FieldScreen(BENCH, Photographs()), {"layer": "stem.conv.conv"}),
    "runs": (lambda folder: RunsScreen(Runs(folder), Explainer(Photographs())), {"length": "5"}),
}


@pytest.fixture(params=SCREENS)
def opened(request, tmp_path, monkeypatch):
    """The name of a page, its screen, and one more like it."""
    monkeypatch.setattr("convwright.studio.zoo.table.model_names", lambda: ["resnet18", "resnet20"])
    make, query = SCREENS[request.param]
    first, second = make(tmp_path), make(tmp_path)
    first.open(query)
    return request.param, first, second


def test_parts_are_markup_and_fill_the_template_of_the_page(opened):
    name, screen, _ = opened
    parts = drawn(screen)
    assert all(isinstance(html, Markup) for html in parts.values())
    folder = room.__file__.replace("web/screen.py", f"{name}/page.py")
    text = templates_beside(folder)("page.html.j2", parts=parts)
    assert Page(text).unclosed == []
    assert [each for each in parts if f'id="part-{each}"' not in text] == []


def test_the_address_opens_the_same_and_is_what_the_script_is_told(opened):
    _, screen, other = opened
    parts = drawn(screen)
    state = json.loads(json.dumps(asdict(screen.state)))
    assert state["title"]
    other.open(dict(parse_qsl(state["address"].removeprefix("?"))))
    assert drawn(other) == parts
    assert other.state == screen.state


def test_what_is_nonsense_is_no_exception(opened):
    _, screen, _ = opened
    for words in ("", "dance", "fix", "sort", "pick", "lesson", "heat", "export exe", "stop now"):
        assert screen.act(words) is None
    screen.set("nonsense", "<evil>")
    assert "<evil>" not in "".join(drawn(screen).values())
