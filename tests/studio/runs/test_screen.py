"""What the page of runs shows, and what its buttons do."""

import pytest

from convwright.studio.runs import runs
from convwright.studio.runs.explanation import Explainer
from convwright.studio.runs.runs import Runs
from convwright.studio.runs.screen import RunsScreen
from convwright.studio.shared.photographs import Photographs
from convwright.training import preset, run_status
from convwright.training.record import write_metrics
from convwright.training.run_folder import RunSpec
from convwright.training.run_status import writing_run_status
from reference.html import Page
from reference.screens import drawn
from reference.shipped import ship
from reference.trainings import epoch, step


@pytest.fixture
def shared(tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "_FRESH_SECONDS", -1.0)
    monkeypatch.setattr(runs, "_IDLE", 0)
    return Runs(tmp_path)


@pytest.fixture
def screen(shared):
    return RunsScreen(shared, Explainer(Photographs()))


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A training of two epochs that has ten of its twenty steps."""
    monkeypatch.setattr(run_status, "_LOOK_SECONDS", 0.0)
    folder = tmp_path / "runs/<one>"
    RunSpec(model="resnet20", data="digits").write(folder)
    preset("cifar-fast").write(folder / "recipe.toml")
    with writing_run_status(folder) as watch:
        watch(step(1))
        write_metrics(folder, [epoch(1, 0.5)])
        watch(step(10))
        yield folder


def test_an_empty_folder_says_what_will_show_up(screen):
    screen.open({})
    parts = drawn(screen)
    assert "There are no runs below" in parts["status"]
    assert "python -m convwright train --model speed_cnn --data cifar10-mini" in parts["forms"]
    assert "study run pooling --budget quick" in parts["forms"]
    assert "takes an hour on 2 cores" in parts["forms"]
    assert Page(parts["forms"]).unclosed == []


def test_forms_are_in_the_address(screen, shared):
    screen.open({})
    screen.set("length", "5")
    screen.set("network", "resnet20")
    assert screen.state.address == "?length=5&network=resnet20"
    assert screen.state.changed == ("length", "network")
    other = RunsScreen(shared, Explainer(Photographs()))
    other.open({"length": "5", "network": "resnet20", "more": "x"})
    assert other.state == screen.state
    other.set("length", "2")
    assert other.state.address == "?network=resnet20"
    assert "epochs=2" in drawn(other)["forms"]


def test_what_cannot_be_started_has_no_button(screen):
    screen.open({"length": "<b>"})
    said = drawn(screen)["forms"].partition('aria-label="Start a study"')[0]
    assert "data-act" not in said
    assert "length: expected a whole number" in said
    assert "&lt;b&gt;" in said
    screen.act("train")
    assert "length: expected" in drawn(screen)["problem"]
    assert screen.name == ""


@pytest.mark.usefixtures("run")
def test_the_list_shows_how_far_runs_are(screen):
    screen.open({})
    said = drawn(screen)["status"]
    assert Page(said).fetched == ["/runs?run=runs/%3Cone%3E"]
    assert "runs/&lt;one&gt;" in said
    assert '<progress value="50"' in said
    assert "50.0 % validation, best" in said
    assert "left" in said


def test_a_run_shows_what_is_known_of_it(screen, run, monkeypatch):
    screen.open({"run": "runs/<one>"})
    parts = drawn(screen)
    assert "epoch 1 of 2, step 10 of 20" in parts["status"]
    assert "Started elsewhere, where Ctrl-C stops it" in parts["status"]
    assert "data-act" not in parts["status"]
    assert parts["pictures"].count("<svg") == 3
    assert '<td class="number">27</td>' in parts["numbers"]
    assert "optimizer.lr" in parts["numbers"]
    for part in parts.values():
        assert Page(part).unclosed == []
        assert "<one>" not in part
    assert screen.state.address == "?run=runs/%3Cone%3E"
    assert parts["forms"] == ""
    again = drawn(screen)
    assert again["pictures"] is parts["pictures"]
    monkeypatch.setattr(runs, "_DRAWN_SECONDS", -1.0)
    write_metrics(run, [epoch(1, 0.5), epoch(2, 0.75)])
    assert drawn(screen)["pictures"] != parts["pictures"]
    assert "75.00%" in drawn(screen)["status"]


def test_a_failed_run_says_why_and_can_be_resumed(screen, tmp_path):
    folder = tmp_path / "runs/one"
    RunSpec(model="resnet20", data="digits").write(folder)
    with pytest.raises(ValueError, match="<nan>"), writing_run_status(folder):
        raise ValueError("the loss is <nan>")
    screen.open({"run": "runs/one"})
    said = drawn(screen)["status"]
    assert "<strong>Failed</strong> ValueError: the loss is &lt;nan&gt;" in said
    assert 'data-act="resume"' in said
    assert "train --resume --run=runs/one" in said


def test_a_run_that_is_not_there_is_a_sentence(screen):
    screen.open({"run": "<script>"})
    assert {name for name, html in drawn(screen).items() if html} == {"problem", "status"}
    assert "No such run" in drawn(screen)["status"]
    assert "unknown run" in drawn(screen)["problem"]
    assert "<script>" not in drawn(screen)["problem"]
    for what in ("stop", "resume", "anything"):
        screen.act(what)
        assert "<script>" not in drawn(screen)["problem"]


def test_a_finished_network_is_shown_a_photograph_once(screen, tmp_path):
    ship(tmp_path)
    screen.open({"run": "shipped"})
    steps = list(screen.draw())
    assert "being loaded" in steps[0]["explanation"]
    assert "Grad-CAM" in steps[1]["explanation"]
    assert len(list(screen.draw())) == 1  # a tick draws it no second time
    screen.set("class", "dog")
    first, second = screen.draw()
    assert "explanation" not in first
    assert "Where dog is seen" in second["explanation"]
    screen.set("layer", "nowhere")
    assert "unknown layer" in drawn(screen)["explanation"]
    drawing = RunsScreen(screen._runs, screen._explainer)
    drawing.open({"run": "shipped"})
    begun = drawing.draw()
    next(begun)
    assert drawing.state.busy == ("explanation",)
    next(begun)
    assert drawing.state.busy == ()
