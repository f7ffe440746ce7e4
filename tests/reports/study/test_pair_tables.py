"""Two results in words."""

from dataclasses import replace
from statistics import stdev

from convwright.reports.study.pair_tables import level_sheet, settings_sheet, verdict_sheet
from convwright.studies.result_pair import compare_results
from reference.study_results import BASE, DOWN, UP, arm, result

FIRST = result(arm("max", BASE), arm("up", UP))


def sheets(second):
    found = compare_results(FIRST, second)
    return {line[0]: line[1:] for line in level_sheet(found).lines}, {
        line[0]: line[1:] for line in verdict_sheet(found).lines
    }


def test_levels_stand_side_by_side_with_their_difference():
    levels, verdicts = sheets(result(arm("max", BASE), arm("up", DOWN)))
    assert levels["max"][-2:] == ("the same", "on every seed")
    assert levels["up"] == (
        "73.60 ± 1.17",
        "8",
        f"67.90 ± {100 * stdev(DOWN):.2f}",
        "8",
        "-5.70",
        "-6.11 to -5.29, paired",
    )
    assert verdicts == {"up": ("+2.35 (+2.15 to +2.55)", "better", "-3.35 (-3.55 to -3.15)", "worse", "disagrees")}


def test_independent_samples_say_so():
    levels, verdicts = sheets(result(arm("max", BASE[:1]), arm("up", UP[:3])))
    assert levels["up"][-1].endswith(", Welch")
    assert levels["max"][-2:] == ("-1.25", "none")
    assert verdicts["up"][-3:] == ("+2.00", "too few seeds to tell", "cannot tell")


def test_settings_that_differ_are_listed_with_machines():
    other = replace(
        FIRST,
        recipe={"epochs": 3, "optimizer": {"lr": 0.2}},
        overrides=("optimizer.lr=0.2",),
        environments=({"torch": "2", "machine": "another"}, {"torch": "3", "machine": "another"}),
    )
    assert settings_sheet(FIRST, other).lines == [
        ("recipe.optimizer.lr", "0.1", "0.2"),
        ("torch", "2", "2, 3"),
        ("machine", "a computer", "another"),
        ("overrides", "", "optimizer.lr=0.2"),
    ]
    assert settings_sheet(FIRST, FIRST).lines == []


def test_a_result_of_a_file_and_one_of_a_ledger_have_the_same_settings():
    kept, fresh = (replace(FIRST, recipe={"optimizer": {"betas": betas}}) for betas in ([0.9, 0.99], (0.9, 0.99)))
    assert settings_sheet(kept, fresh).lines == []
