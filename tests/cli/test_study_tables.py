"""Studies as tables: nothing that a reader needs is missing."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from convwright.cli import _study_tables as tables
from convwright.studies import JobEntry, make_plan, studies
from convwright.studies.summary import summarize
from reference.study_results import BASE, UP, result
from reference.study_results import arm as study_arm
from reference.tiny_study import STUDY, arm, with_arm


def text(table, width=120):
    console = Console(file=io.StringIO(), width=width)
    console.print(table)
    return console.file.getvalue()


def test_costs_that_differ_on_purpose_are_marked():
    study = with_arm(STUDY, replace(arm("wide", width=16), unequal=("macs",)))
    said = text(tables.table_of_arms(make_plan(study, budget="smoke")))
    assert "27.7 k *" in said  # 3 * 16 * 9 * 64 + 16 * 3 multiply-accumulates
    assert "Proved: macs as the baseline's. * differs on purpose." in " ".join(said.split())


def test_every_study_has_a_row_with_its_time():
    said = text(tables.table_of_studies(studies().values()))
    assert all(name in said for name in studies())


def test_a_budget_says_data_length_and_seeds():
    said = text(tables.table_of_budgets(STUDY))
    assert said.splitlines()[1].split() == ["smoke", "small_data", "3", "steps", "of", "8", "a", "second", "2"]


def test_progress_is_counted_by_study_and_budget():
    row = JobEntry(fingerprint="f", study="s", budget="b", arm="a", seed=0, num_steps=1)
    entries = [replace(row, state=state) for state in ("done", "done", "failed", "claimed", "queued")]
    assert text(tables.table_of_progress(entries)).splitlines()[1].split() == ["s", "b", "2", "1", "1", "1"]


@pytest.mark.parametrize(("width", "has_costs"), [(160, True), (92, False)])
def test_an_answer_has_mean_interval_difference_p_and_verdict(width, has_costs):
    summary = summarize(result(study_arm("max", BASE), study_arm("up", UP)))
    said = text(tables.table_of_answer(summary, width), width)
    up = next(line for line in said.splitlines() if line.startswith("up"))
    for words in ("better", "73.60 ± 1.17", " 8 ", "+2.35 (+2.15 to +2.55)", "0.008"):
        assert words in up
    assert ("50.0 k" in up) is ("MACs" in said) is has_costs
    assert "less max, points" in said
