"""What is shown while a study runs: lines without a terminal, a table in one, and what is left."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from convwright.cli._study_watch import _StudyWatcher, watching
from convwright.studies import JobEntry, make_plan
from reference.tiny_study import STUDY


@pytest.fixture(scope="module")
def plan():
    return make_plan(STUDY, budget="smoke")


def entries(plan, **states):
    """The jobs of the plan; a state for each that is named as arm and seed."""
    found = []
    for job in plan.jobs:
        run = {"fingerprint": job.fingerprint, "arm": job.arm.name, "seed": job.seed}
        entry = JobEntry(**run, study="tiny", budget="smoke", num_steps=10)
        found.append(replace(entry, **states.get(f"{job.arm.name}_{job.seed}", {})))
    return found


def console(**more):
    return Console(file=io.StringIO(), width=100, **more)


def said(out):
    return out.file.getvalue()


DONE = {"state": "done", "value": 0.625}


def test_a_line_for_each_job_that_ended(plan):
    out = console()
    with watching(plan, out) as watch:
        watch(entries(plan, max_0=DONE))
        watch(entries(plan, max_0=DONE, average_0=DONE))
        watch(entries(plan, max_0=DONE, average_0=DONE, max_1={"state": "failed"}))
    lines = said(out).splitlines()
    assert lines[0] == "1 of 4 runs were done before"
    assert lines[1].startswith("average, seed 0: test accuracy 0.625 (2 of 4 runs")
    assert lines[2].startswith("max, seed 1: failed (3 of 4 runs")
    assert len(lines) == 3


def test_the_table_has_a_cell_for_each_job(plan):
    out = console()
    states = {"max_0": DONE, "average_0": {"state": "claimed", "step": 4}, "max_1": {"state": "failed"}}
    out.print(_StudyWatcher(plan, out).table(entries(plan, **states)))
    rows = [line.split() for line in said(out).splitlines()]
    assert rows[1] == ["max", "0.625", "failed"]
    assert rows[2] == ["average", "40%", "-"]
    assert "2 of 4 runs" in said(out)


def test_in_a_terminal_the_table_is_live(plan):
    out = console(force_terminal=True)
    with watching(plan, out) as watch:
        watch(entries(plan, max_0=DONE))
    assert "0.625" in said(out)
