"""A worker's result is what training by hand gives; what fails or is cut off is told and continued."""

import math
import shutil
from dataclasses import replace

import pytest

from convwright.errors import ConvwrightError
from convwright.studies import Ledger, make_plan, run_plan, worker
from convwright.studies.worker import new_token, run_folder, worker_name
from convwright.training import train
from convwright.training.progress import StepReport
from reference.tiny_study import STUDY, arm, first_filter, small_data, with_arm


@pytest.fixture
def plan():
    return make_plan(STUDY, budget="smoke", seeds=1)


def run(plan, folder):
    return run_plan(plan, folder=folder, device="cpu")


def test_the_result_is_what_training_by_hand_gives(plan, tmp_path):
    found = run(plan, tmp_path)
    for name in STUDY.arm_names:
        model = STUDY.arm(name).build(num_classes=3, in_channels=3, seed=0)
        before = first_filter(model, None)
        record = train(model, small_data(), STUDY.recipe_of(STUDY.arm(name), STUDY.budgets["smoke"]), device="cpu")
        values = {"test_accuracy": record.test.accuracy, "filters_before": before, "filters": first_filter(model, None)}
        run_of_arm = found.arm(name).runs[0]
        assert dict(run_of_arm.values) == values
        assert run_of_arm.record["test"] == record.test.to_dict()
        assert values["filters"] != before


def test_what_is_done_is_not_done_again(plan, tmp_path, monkeypatch):
    first = run(plan, tmp_path)
    shutil.rmtree(tmp_path / "runs")
    monkeypatch.setattr(worker, "train", None)  # would fail if it were called
    again = run(plan, tmp_path)
    assert again.to_dict() == first.to_dict()
    assert not again.failures


def test_a_changed_arm_runs_alone(plan, tmp_path, monkeypatch):
    run(plan, tmp_path)
    trained = []
    monkeypatch.setattr(
        worker, "train", lambda *given, **named: trained.append(given[2].seed) or train(*given, **named)
    )
    study = with_arm(replace(STUDY, hold_equal={}), arm("average", pool="average", width=9))
    found = run(make_plan(study, budget="smoke", seeds=1), tmp_path)
    assert len(trained) == 1
    assert found.arm("average").costs.parameters != found.arm("max").costs.parameters


def test_a_measure_that_is_no_number_is_a_failure(tmp_path):
    wrong = replace(STUDY.measures[0], before=False, function=lambda _model, _data: math.nan)
    found = run(make_plan(replace(STUDY, measures=(wrong,)), budget="smoke", seeds=1), tmp_path)
    assert {each.error for each in found.failures} == {"measure filters: expected a finite number, got nan"}


def test_one_failure_does_not_stop_the_others(tmp_path):
    study = with_arm(STUDY, arm("broken", fails=True))
    found = run(make_plan(study, budget="smoke"), tmp_path)
    assert [(each.arm, each.seed) for each in found.failures] == [("broken", 0), ("broken", 1)]
    assert "this layer breaks in training" in found.failures[0].error
    assert [len(each.runs) for each in found.arms] == [2, 2, 0]
    assert found.num_missing == 0


def test_finished_runs_keep_weights_and_no_checkpoints(plan, tmp_path):
    run(plan, tmp_path)
    for job in plan.jobs:
        folder = run_folder(tmp_path, plan, job)
        assert (folder / "weights.safetensors").is_file()
        assert not (folder / "checkpoints").exists()


class CutOff:
    """Stands in for `train`: stops as Ctrl-C would, after so many steps, and notes where trainings began."""

    def __init__(self, after):
        self.left, self.began = after, []

    def __call__(self, *given, watch, **named):
        seen = []

        def counting(report):
            watch(report)
            if isinstance(report, StepReport):
                seen.append(report.step)
                self.left -= 1
                if not self.left:
                    raise KeyboardInterrupt

        try:
            return train(*given, watch=counting, **named)
        finally:
            self.began.append(seen[0] if seen else None)


def test_what_was_cut_off_is_given_back_and_continued(tmp_path, monkeypatch):
    plan = make_plan(STUDY, budget="smoke", seeds=1, overrides=["steps=9"])
    whole = run(plan, tmp_path / "whole")
    cut = CutOff(after=5)
    monkeypatch.setattr(worker, "train", cut)
    with pytest.raises(KeyboardInterrupt):
        run(plan, tmp_path / "cut")
    with Ledger(tmp_path / "cut/ledger.db") as ledger:
        assert [(each.state, each.attempts) for each in ledger.entries()] == [("queued", 0)] * 2
    found = run(plan, tmp_path / "cut")
    assert cut.began == [1, 4, 1]  # an epoch is 3 steps, and ends with a checkpoint
    assert [each.runs[0].values for each in found.arms] == [each.runs[0].values for each in whole.arms]


def test_a_ledger_that_is_full_costs_an_evaluation_and_no_training(plan, tmp_path, monkeypatch):
    cut = CutOff(after=-1)
    monkeypatch.setattr(worker, "train", cut)

    def full(*_given, **_named):
        raise ConvwrightError("ledger: disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "finish", full)
        with pytest.raises(ConvwrightError, match="disk is full"):
            run(plan, tmp_path)
    with Ledger(tmp_path / "ledger.db") as ledger:
        ledger.bury(ledger.entries()[0].worker)
    found = run(plan, tmp_path)
    assert cut.began == [1, None, 1]
    assert found.num_missing == 0


def test_workers_have_names_of_their_own():
    assert worker_name(1, new_token()) != worker_name(1, new_token())
