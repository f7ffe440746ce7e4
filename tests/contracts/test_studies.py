"""What every study of the library must do, whoever adds it; nothing here names a study."""

import math
import re
import sys

import pytest

from convwright.reports.study.page import study_page
from convwright.studies import make_plan, run_plan, studies

STUDIES = studies()
every_study = pytest.mark.parametrize("name", STUDIES)


def page_of(name):
    return sys.modules[f"convwright.studies.library.{name.replace('-', '_')}"].__doc__


@every_study
def test_the_file_is_the_page(name):
    page = page_of(name)
    assert re.match(r"[A-Z].*: .*\.\n\n", page), "begin with a title: `Pooling: eight ways side by side.`"
    for part in ("Question: ", "Expectation: ", "Command: ", "Time: "):
        assert part in page
    assert f"`convwright study run {name}`" in page
    assert re.search(r"\b(19|20)\d\d\b", page)


@every_study
def test_its_fields_are_filled(name):
    study = STUDIES[name]
    assert study.name == name
    assert study.question.endswith("?")
    assert study.expectation.endswith(".")
    assert re.search(r"\b(19|20)\d\d\b|course", study.source)
    assert len(study.arms) >= 2
    assert all(len(arm.claim) > 5 for arm in study.arms)
    assert study.hold_equal, "say what the arms have in common"


@every_study
def test_budgets_are_for_trying_for_two_cores_and_for_the_paper(name):
    budgets = STUDIES[name].budgets
    assert set(budgets) == {"smoke", "quick", "full"}
    assert budgets["smoke"].seeds == 1
    assert budgets["quick"].seeds >= 3
    assert budgets["full"].seeds >= 3
    assert all(budget.time for budget in budgets.values())


@every_study
def test_arms_build_cost_what_they_should_and_run(name, tmp_path):
    study = STUDIES[name]
    plan = make_plan(study, budget="smoke")  # which proves `hold_equal`
    assert tuple(arm.name for arm in plan.arms) == study.arm_names
    assert all(arm.costs.parameters > 0 for arm in plan.arms)
    found = run_plan(plan, folder=tmp_path, device="cpu")
    assert found.failures == ()
    for arm in found.arms:
        assert [run.seed for run in arm.runs] == [0]
        assert tuple(arm.runs[0].values) == study.value_names
        assert all(math.isfinite(value) for value in arm.runs[0].values.values())
    page = study_page(found, {})
    assert all(text in page for text in (found.summary.answer.split(":")[0], *study.arm_names))
