"""The parts of the page of runs: all of a study's answer, nothing that is not known."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from convwright.studies import JobEntry
from convwright.studio.runs import fragments
from convwright.studio.runs.run_entry import RunEntry
from convwright.studio.runs.studies import StudyRuns
from reference.html import Page
from reference.study_results import BASE, COSTS, DOWN, UP, arm, result

ENTRY = JobEntry(fingerprint="f", study="tiny", budget="smoke", arm="<max>", seed=0, num_steps=10)


def jobs(command="", *, is_running=False, is_stopping=False):
    """Processes that say the same of every run."""
    return SimpleNamespace(
        command=lambda _: command, is_running=lambda _: is_running, is_stopping=lambda _: is_stopping
    )


def found(tmp_path, *entries, **more):
    study = StudyRuns(study="tiny", budget="smoke", entries=entries, seconds_left=12.0, **more)
    return RunEntry(
        name="studies/tiny/smoke",
        kind="study",
        folder=tmp_path,
        state=study.state,
        model="tiny",
        data="smoke",
        study=study,
    )


def test_a_study_s_answer_has_its_table_and_pictures():
    dear = {**COSTS, "macs": 90_000}
    said = fragments.study_answer(result(arm("<base>", BASE), arm("up", UP, costs=dear), arm("down", DOWN)))
    assert "Does &lt;it&gt; matter?" in said
    assert said.count("<svg") == 2
    assert "95 % interval" in said
    assert "Accuracy against cost" in said
    assert "<base>" not in said


def test_without_differences_there_is_no_picture_of_them():
    said = fragments.study_answer(result(arm("base", BASE)))
    assert "<svg" not in said
    assert "convwright study report" in fragments.study_answer(None)


def test_every_run_of_a_study_has_its_cell(tmp_path):
    entries = [
        replace(ENTRY, state="done", value=0.54321),
        replace(ENTRY, seed=1, state="claimed", step=4, is_alive=True),
        replace(ENTRY, arm="average", state="failed", error="it <broke>"),
    ]
    said = fragments.numbers(found(tmp_path, *entries), "")
    for cell in (">0.5432<", ">40%<", ">failed<", ">-<", "&lt;max&gt;", "it &lt;broke&gt;"):
        assert (cell in said) == (cell != ">-<")
    assert Page(said).unclosed == []


def test_how_far_a_study_is_counts_its_runs(tmp_path):
    entries = (replace(ENTRY, state="done", value=0.5), replace(ENTRY, seed=1, state="claimed", step=5, is_alive=True))
    said = fragments.status(found(tmp_path, *entries, num_others=3), jobs(), again="", why_not="")
    assert "1 of 2 runs; 3 more have other settings" in said
    assert "75 %, 12.0 s left" in said
    assert "/runs/report?run=studies/tiny/smoke" in said
    again = "python -m convwright study run tiny"
    said = fragments.status(found(tmp_path, ENTRY), jobs(), again=again, why_not="")
    assert "/runs/report" not in said
    assert 'data-act="resume"' in said


@pytest.mark.parametrize(("is_stopping", "shown"), [(False, 'data-act="stop"'), (True, "Stopping")])
def test_what_was_started_here_can_be_stopped_once(tmp_path, is_stopping, shown):
    running = replace(ENTRY, state="claimed", is_alive=True)
    ours = jobs("python -m convwright x", is_running=True, is_stopping=is_stopping)
    said = fragments.status(found(tmp_path, running), ours, again="", why_not="it is running")
    assert shown in said
    assert "when the studio ends, it is stopped as by Ctrl-C" in said
    assert "it is running" not in said


def test_of_what_failed_at_once_the_last_line_is_shown(tmp_path):
    failed = RunEntry(name="runs/x", kind="training", folder=tmp_path, state="failed")
    said = fragments.status(failed, jobs("c"), again="", why_not="", output="loading\nerror: no <disk>\n")
    assert "<strong>Failed</strong> error: no &lt;disk&gt;" in said
