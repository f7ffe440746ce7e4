"""Studies as tables: nothing that a reader needs is missing."""

import io
from dataclasses import replace

from rich.console import Console

from convwright.cli import _study_tables as tables
from convwright.studies import Entry, make_plan, studies
from convwright.studies.result import ArmResult, Run, StudyResult
from reference.tiny_study import STUDY, arm, with_arm


def text(table):
    console = Console(file=io.StringIO(), width=120)
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
    row = Entry(fingerprint="f", study="s", budget="b", arm="a", seed=0, num_steps=1)
    entries = [replace(row, state=state) for state in ("done", "done", "failed", "claimed", "queued")]
    assert text(tables.table_of_progress(entries)).splitlines()[1].split() == ["s", "b", "2", "1", "1", "1"]


def test_values_stand_under_their_seeds():
    runs = (Run(seed=1, values={"test_accuracy": 0.5}, record={}),)
    result = StudyResult(
        study="s", question="q", expectation="e", source="s", baseline="a", metric="test_accuracy", hold_equal={},
        budget="b", overrides=(), recipe={}, data={}, measures={},
        arms=(
            ArmResult(name="a", claim="c", costs={}, changes=(), runs=(replace(runs[0], seed=0), *runs)),
            ArmResult(name="b", claim="c", costs={}, changes=(), runs=runs),
        ),
    )  # fmt: skip
    rows = text(tables.table_of_values(result)).splitlines()
    assert rows[1].split() == ["arm", "seed", "0", "seed", "1"]
    assert rows[2].split() == ["a", "0.5", "0.5"]
    assert rows[3].index("0.5") == rows[2].rindex("0.5")
