"""Two results in words."""

from statistics import stdev

from convwright.reports.study.two_results import level_sheet, settings_sheet, verdict_sheet
from convwright.studies.two_results import compare_results
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
    other = FIRST | {
        "recipe": {"epochs": 3, "optimizer": {"lr": 0.2}}, "overrides": ["optimizer.lr=0.2"],
        "environments": [{"torch": "2", "machine": "another"}, {"torch": "3", "machine": "another"}],
    }  # fmt: skip
    assert settings_sheet(FIRST, other).lines == [
        ("recipe.optimizer.lr", "0.1", "0.2"),
        ("torch", "2", "2, 3"),
        ("machine", "a computer", "another"),
        ("overrides", "", "optimizer.lr=0.2"),
    ]
    assert settings_sheet(FIRST, FIRST).lines == []
