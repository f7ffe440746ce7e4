"""The listing has what lies below the working folder, and nothing else is read, written or run."""

import os
import shutil
import time

import pytest

from convwright.errors import ConvwrightError
from convwright.studies import run_study
from convwright.studio.runs import commands, runs, studies
from convwright.studio.runs.runs import Runs
from convwright.training.record import write_metrics
from convwright.training.run_folder import RunSpec
from convwright.training.run_status import writing_run_status
from reference.runs import own_folder, train
from reference.shipped import ship
from reference.tiny_study import STUDY
from reference.trainings import epoch, step

__all__ = ["own_folder"]  # a fixture that every test here uses


class NoProcesses:
    """Commands that would have been given."""

    def __init__(self, folder):
        self.folder, self.given, self.names = folder, [], []

    def start(self, name, words, output):
        self.given.append((name, words, output))
        self.names.append(name)

    def is_running(self, name):
        return name in self.names

    def has_failed(self, _name):
        return False

    def began(self, _name):
        return time.time()


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "_FRESH_SECONDS", -1.0)
    monkeypatch.setattr(runs, "_IDLE", 0)
    monkeypatch.setattr(runs, "Jobs", NoProcesses)
    monkeypatch.setattr(studies, "studies", lambda: {"tiny": STUDY})
    monkeypatch.setattr(studies, "study_named", lambda _name: STUDY)
    return Runs(tmp_path)


def begin(folder, **more):
    RunSpec(**{"model": "resnet20", "data": "digits", **more}).write(folder)


def test_every_kind_of_run_is_found_the_newest_first(here, tmp_path):
    assert here.listing() == {}
    begin(tmp_path / "runs/one")
    write_metrics(tmp_path / "runs/one", [epoch(1, 0.5)])
    run_study(STUDY, budget="smoke", folder=tmp_path / "mine/studies")
    ship(tmp_path)
    shutil.move("shipped", "runs/transfer-a-b")
    os.utime(tmp_path / "runs/one/run.json", (1, 1))
    found = here.listing()
    assert set(found) == {"runs/one", "mine/studies/tiny/smoke", "runs/transfer-a-b"}
    assert list(found)[-1] == "runs/one"
    one, study, transfer = found["runs/one"], found["mine/studies/tiny/smoke"], found["runs/transfer-a-b"]
    assert (one.kind, one.model, one.data, one.state) == ("training", "resnet20", "digits", "stopped")
    assert one.accuracy == ("validation, best", 0.5)
    assert (study.kind, study.model, study.data, study.state) == ("study", "tiny", "smoke", "finished")
    assert (transfer.kind, transfer.data, transfer.state) == ("transfer", "photos", "finished")


def test_links_hidden_folders_and_damaged_runs_are_passed_over(here, tmp_path, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    begin(outside / "run")
    (tmp_path / "runs").symlink_to(outside)
    begin(tmp_path / ".hidden/run")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad/run.json").write_text("{")
    for number, text in enumerate(("{", "[]", "")):
        (tmp_path / f"card{number}").mkdir()
        (tmp_path / f"card{number}/model.json").write_text(text)
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd/ledger.db").write_text("no ledger")
    begin(tmp_path / "deep/a/b/c/d")
    assert here.listing() == {}
    assert (tmp_path / "odd/ledger.db").read_text() == "no ledger"
    with pytest.raises(ConvwrightError, match=r"runs/x/output\.txt leads out of"):
        here.start(commands.resumed("runs/x", model="resnet20", data="digits"))
    assert here.jobs.given == []


@pytest.mark.parametrize("name", ["../run", "/etc", "runs/one/../one", "runs", ""])
def test_names_are_looked_up_not_followed(here, tmp_path, name):
    begin(tmp_path / "runs/one")
    begin(tmp_path.parent / "run")
    for ask in (here.find, here.report, here.resume):
        with pytest.raises(ConvwrightError, match="unknown run"):
            ask(name)
    shutil.rmtree(tmp_path.parent / "run")


def test_a_report_is_made_where_it_is_missing(here, tmp_path):
    train("--run", "runs/net")
    page = here.report("runs/net")
    page.write_text("kept")
    assert here.report("runs/net").read_text() == "kept"
    page.unlink()
    assert "net.py:Net on digits" in here.report("runs/net").read_text()
    page.unlink()
    page.symlink_to("/etc/hostname")
    with pytest.raises(ConvwrightError, match="leads out of"):
        here.report("runs/net")
    begin(tmp_path / "runs/begun")
    with pytest.raises(ConvwrightError, match="has no report yet; it is written at the end"):
        here.report("runs/begun")


def test_the_report_of_a_study_is_of_what_is_done(here, tmp_path):
    run_study(STUDY, budget="smoke", folder=tmp_path / "studies", seeds=3)
    page = here.report("studies/tiny/smoke")
    assert page.parent.name.startswith("tiny-smoke-")
    assert "Which pool?" in page.read_text()
    assert here.study_result(here.find("studies/tiny/smoke")).num_missing == 0


def test_a_stopped_run_is_resumed_by_its_command(here, tmp_path):
    begin(tmp_path / "runs/one")
    here.resume("runs/one")
    ((name, words, output),) = here.jobs.given
    assert (name, words) == ("runs/one", ("train", "--resume", "--run=runs/one"))
    assert output == tmp_path / "runs/one/output.txt"
    assert here.find("runs/one").state == "running"
    with pytest.raises(ConvwrightError, match="runs/one is running"):
        here.resume("runs/one")


def test_what_runs_elsewhere_is_not_started_twice(here, tmp_path):
    begin(tmp_path / "runs/one")
    with writing_run_status(tmp_path / "runs/one") as watch:
        watch(step(1))
        assert here.find("runs/one").state == "running"
        with pytest.raises(ConvwrightError, match="runs/one is running"):
            here.start(commands.resumed("runs/one", model="resnet20", data="digits"))


@pytest.mark.parametrize("more", [{"model": "net.py:Net"}, {"data": "photos"}])
def test_a_file_of_the_user_is_not_run_from_a_page(here, tmp_path, more):
    begin(tmp_path / "runs/one", **more)
    with pytest.raises(ConvwrightError, match="python -m convwright train --resume --run runs/one"):
        here.resume("runs/one")


def test_a_new_training_gets_a_folder_of_its_own(here, tmp_path):
    stem = "runs/speed_cnn-cifar10-mini-0"
    assert here.training_command({}).name == stem
    (tmp_path / stem).mkdir(parents=True)
    order = here.training_command({})
    assert order.name == f"{stem}-2"
    here.start(order)
    assert (here.find(order.name).state, here.find(order.name).model) == ("running", "speed_cnn")
    assert here.training_command({}).name == f"{stem}-3"


def test_what_a_command_said_is_shown(here, tmp_path):
    begin(tmp_path / "runs/one")
    assert here.said(here.find("runs/one")) == ""
    (tmp_path / "runs/one/output.txt").write_text("epoch 1\n")
    assert here.said(here.find("runs/one")) == "epoch 1\n"
    (tmp_path / "runs/one/output.txt").unlink()
    (tmp_path / "runs/one/output.txt").symlink_to("/etc/hostname")
    assert here.said(here.find("runs/one")) == ""


def test_pictures_are_drawn_for_all_tabs_and_now_and_then(here, monkeypatch):
    drawn = []

    def draw():
        drawn.append(len(drawn))
        return f"picture {len(drawn)}"

    assert [here.drawn("a", key, draw) for key in (1, 1, 2)] == ["picture 1"] * 3
    monkeypatch.setattr(runs, "_DRAWN_SECONDS", -1.0)
    assert [here.drawn("a", key, draw) for key in (1, 2, 2)] == ["picture 1", "picture 2", "picture 2"]
    monkeypatch.setattr(runs, "_MOST_DRAWN", 2)
    for name in ("b", "c"):
        here.drawn(name, 1, draw)
    assert here.drawn("a", 2, draw) == "picture 5"


def test_a_folder_that_takes_long_to_look_through_is_looked_through_seldom(here, tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "_FRESH_SECONDS", 0.0)
    monkeypatch.setattr(runs, "_IDLE", 10)
    real = runs.folders
    monkeypatch.setattr(runs, "folders", lambda top: time.sleep(0.05) or real(top))
    here._fresh_seconds = 0.0
    here.listing()
    begin(tmp_path / "runs/one")
    assert here.listing() == {}
    time.sleep(0.8)
    assert set(here.listing()) == {"runs/one"}
