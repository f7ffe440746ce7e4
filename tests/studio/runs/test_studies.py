"""What a ledger says of its studies, whatever they were run with."""

from dataclasses import replace

import pytest

from convwright.errors import ConvwrightError
from convwright.studies import JobEntry, Ledger, run_study
from convwright.studio.runs import studies
from convwright.studio.runs.studies import Studies, StudyRuns
from reference.tiny_study import STUDY, arm, with_arm

WITH_THIRD = with_arm(STUDY, arm("narrow", width=8))


@pytest.fixture(autouse=True)
def library(monkeypatch):
    """The library is the tiny study, with a third arm."""
    monkeypatch.setattr(studies, "studies", lambda: {"tiny": WITH_THIRD})
    monkeypatch.setattr(studies, "study_named", lambda _name: WITH_THIRD)


def entry(number, **more):
    return JobEntry(fingerprint=str(number), study="tiny", budget="smoke", arm="max", seed=number, num_steps=10, **more)


@pytest.mark.parametrize(
    ("entries", "state", "done"),
    [
        ([entry(0), entry(1, state="done")], "stopped", 0.5),
        ([entry(0, state="claimed", step=5, is_alive=True), entry(1)], "running", 0.25),
        ([entry(0, state="claimed", step=5), entry(1)], "stopped", 0.25),
        ([entry(0, state="failed"), entry(1, state="done")], "failed", 1.0),
        ([entry(0, state="done")], "finished", 1.0),
    ],
)
def test_the_state_of_a_study_is_that_of_its_runs(entries, state, done):
    runs = StudyRuns(study="tiny", budget="smoke", entries=tuple(entries))
    assert (runs.state, runs.done) == (state, done)


@pytest.mark.parametrize(
    "asked",
    [{}, {"seeds": 1}, {"arms": ["average"], "seeds": 3}, {"overrides": ["optimizer.lr=0.03", "steps=2"], "seeds": 1}],
)
def test_what_a_study_was_asked_is_found_again(tmp_path, asked):
    run_study(WITH_THIRD, budget="smoke", folder=tmp_path, **asked)
    studies, ledger = Studies(), tmp_path / "ledger.db"
    (runs,) = studies.look_at(ledger)
    plan = studies.plan(ledger, "tiny", "smoke")
    assert set(plan.fingerprints) == {each.fingerprint for each in runs.entries}
    result = studies.result(ledger, runs)
    assert result.num_missing == 0
    assert len(result.runs) == len(runs.entries)


def test_runs_with_other_settings_are_told_apart(tmp_path):
    run_study(WITH_THIRD, budget="smoke", folder=tmp_path, seeds=1, overrides=["optimizer.lr=0.03"])
    run_study(WITH_THIRD, budget="smoke", folder=tmp_path)
    studies, ledger = Studies(), tmp_path / "ledger.db"
    (runs,) = studies.look_at(ledger)
    assert (len(runs.entries), runs.num_others) == (9, 0)
    assert studies.plan(ledger, "tiny", "smoke").changed == ()
    (runs,) = studies.look_at(ledger)
    assert (len(runs.entries), runs.num_others) == (6, 3)


def test_a_study_that_nobody_knows_has_its_runs_only(tmp_path):
    with Ledger(tmp_path / "ledger.db") as ledger:
        ledger.add([replace(entry(0), study="own")])
    studies = Studies()
    (runs,) = studies.look_at(tmp_path / "ledger.db")
    assert (runs.study, runs.state, runs.num_ended) == ("own", "stopped", 0)
    assert studies.result(tmp_path / "ledger.db", runs) is None


def test_looking_changes_nothing_and_sees_changes(tmp_path):
    path, studies = tmp_path / "ledger.db", Studies()
    with Ledger(path) as ledger:
        ledger.add([entry(0)])
    assert studies.look_at(path)[0].done == 0.0
    before = path.stat().st_mtime_ns
    assert studies.look_at(path)[0].done == 0.0
    assert path.stat().st_mtime_ns == before
    with Ledger(path) as ledger:
        ledger.claim("me", ["0"])
        ledger.beat("me", "0", 5)
    assert (studies.look_at(path)[0].done, studies.look_at(path)[0].state) == (0.5, "running")


def test_a_file_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "ledger.db").write_bytes(b"")
    with pytest.raises(ConvwrightError, match="holds no ledger"):
        Studies().look_at(tmp_path / "ledger.db")
    assert (tmp_path / "ledger.db").read_bytes() == b""
