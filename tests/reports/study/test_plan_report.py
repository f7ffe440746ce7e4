"""Reports of studies: where they go, and the pictures of the arms."""

from dataclasses import replace
from pathlib import Path

from convwright.reports.study.plan_report import diagrams, folder_of_report
from convwright.studies import make_plan
from reference.tiny_study import STUDY, arm, with_arm


def test_changed_settings_have_a_folder_of_their_own():
    folders = [
        folder_of_report(make_plan(STUDY, budget="smoke", **changed), Path("f")).name
        for changed in ({}, {"seeds": 3}, {"overrides": ("optimizer.lr=0.1",)}, {"overrides": ("optimizer.lr=0.1",)})
    ]
    assert folders[0] == "tiny-smoke"
    assert folders[1].startswith("tiny-smoke-")
    assert len(set(folders[:3])) == 3
    assert folders[2] == folders[3]


def test_arms_that_look_alike_share_a_picture_without_hover():
    study = with_arm(STUDY, replace(arm("wide", width=16), unequal=("macs",)))
    found = diagrams(make_plan(study, budget="smoke"))
    assert list(found) == ["max, average", "wide"]
    assert ["<title>" in picture for picture in found.values()] == [False, True]
    assert ">16<" in found["wide"]
