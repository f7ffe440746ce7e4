"""What a study's result holds, and what it says of what is missing."""

import json
import math
from dataclasses import replace

import pytest

from convwright.studies import Ledger, known_result, make_plan, run_plan
from convwright.studies.result import ArmRun, StudyResult
from convwright.studies.summary import summarize
from reference.tiny_study import STUDY, arm, with_arm


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    plan = make_plan(STUDY, budget="smoke", overrides=["clip_norm=4"])
    return plan, folder, run_plan(plan, folder=folder, device="cpu")


def test_values_are_by_arm_and_seed(ran):
    found = ran[2]
    assert {seed for arm in found.arms for seed in arm.values("test_accuracy")} == {0, 1}
    assert all(0 <= value <= 1 for arm in found.arms for value in arm.values("test_accuracy").values())
    assert found.arm("max").values("filters_before")[0] == found.arm("average").values("filters_before")[0]


def test_it_says_how_it_came_about(ran):
    found = ran[2].to_dict()
    assert found["overrides"] == ["clip_norm=4"]
    assert found["recipe"]["clip_norm"] == 4
    assert found["recipe"]["steps"] == 3
    assert found["data"]["name"] == "tiny"
    assert found["measures"].keys() == {"filters_before", "filters"}
    assert [each["torch"] for each in found["environments"]]
    assert found["arms"][0]["costs"]["macs"] > 0
    assert len(found["arms"][0]["runs"][0]["record"]["epochs"]) == 1
    assert json.loads(json.dumps(found))["arms"] == found["arms"]


def test_it_has_its_summary(ran):
    assert ran[2].summary == summarize(ran[2])


def test_plain_values_are_read_again(ran):
    read = StudyResult.from_dict(json.loads(json.dumps(ran[2].to_dict())))
    assert read.summary == ran[2].summary
    assert read.to_dict() == json.loads(json.dumps(ran[2].to_dict()))


def test_expectations_and_directions_are_passed_on(tmp_path):
    less = replace(STUDY.measures[0], less_is_better=True)
    study = with_arm(replace(STUDY, measures=(less,)), replace(arm("average", pool="average"), expected="better"))
    with Ledger(tmp_path / "ledger.db") as ledger:
        found = known_result(make_plan(study, budget="smoke"), ledger).to_dict()
    assert found["less_is_better"] == ["filters_before", "filters"]
    assert [each["expected"] for each in found["arms"]] == [None, "better"]


def test_what_nobody_did_yet_is_counted(ran):
    _, folder, _ = ran
    more = make_plan(STUDY, budget="smoke", overrides=["clip_norm=4"], seeds=3)
    with Ledger(folder / "ledger.db") as ledger:
        found = known_result(more, ledger)
    assert (found.num_missing, [len(arm.runs) for arm in found.arms]) == (2, [2, 2])
    assert found.overrides == ("seeds=3", "clip_norm=4")


def test_speed_is_over_all_epochs():
    epochs = [{"seconds": 1.0, "images_per_second": 10.0}, {"seconds": 3.0, "images_per_second": 30.0}]
    run = ArmRun.from_record(0, {}, {"epochs": epochs})
    assert run.seconds == 4.0
    assert math.isclose(run.images_per_second, (10 + 90) / 4)
