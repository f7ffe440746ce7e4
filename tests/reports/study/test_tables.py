"""The words of a study: every number in its place, every caveat where it applies."""

import pytest

from convwright.reports.study.tables import (
    arm_sheet,
    claim_sheet,
    command_of,
    front_note,
    method_notes,
    plotted_costs,
    power_sheet,
    run_sheet,
    study_notes,
    value_sheet,
)
from convwright.studies.summary import summarize
from reference.study_results import BASE, COSTS, DOWN, UP, arm, result


def cells(sheet, name):
    (line,) = (line for line in sheet.lines if line[0] == name)
    assert len(line) == len(sheet.titles)
    return dict(zip(sheet.titles, line, strict=True))


def test_an_arm_has_costs_values_difference_and_verdict():
    sheet = arm_sheet(summarize(result(arm("max", BASE), arm("up", UP), arm("none", []))))
    assert cells(sheet, "up") == {
        "arm": "up", "verdict": "better", "parameters": "1.00 k", "MACs": "50.0 k", "test accuracy, %": "73.60 ± 1.17",
        "n": "8", "95 % interval": "72.63 to 74.57", "less max, points": "+2.35 (+2.15 to +2.55)",
        "p, corrected": "0.008",
    }  # fmt: skip
    assert cells(sheet, "max")["verdict"] == "baseline"
    assert cells(sheet, "max")["less max, points"] == ""
    assert (cells(sheet, "none")["verdict"], cells(sheet, "none")["n"]) == ("no common seeds", "0")


def test_every_run_stands_under_its_seed():
    sheet = run_sheet(result(arm("max", BASE[:2]), arm("up", UP[:1])))
    assert sheet.titles == ("arm", "seed 0", "seed 1")
    assert sheet.lines == [("max", "70.00", "71.00"), ("up", "72.00", "")]


def test_the_bootstrap_is_shown_from_ten_seeds_on():
    few, many = (summarize(result(arm("max", BASE * k), arm("up", (UP + UP)[: 8 * k]))) for k in (1, 2))
    assert "bootstrap" not in arm_sheet(few).titles
    assert cells(arm_sheet(many), "up")["bootstrap"].startswith("+2.")
    assert [any("Bootstrap" in note for note in method_notes(each)) for each in (few, many)] == [False, True]


def test_claims_stand_beside_what_was_measured():
    summary = summarize(result(arm("max", BASE), arm("up", UP, expected="worse"), arm("still", BASE, claim="")))
    sheet = claim_sheet(summary)
    assert [line[0] for line in sheet.lines] == ["max", "up"]
    assert cells(sheet, "up")["what is said"] == "<up> is said to be good"
    assert cells(sheet, "up")["what was measured"] == "+2.35 points, n = 8: better"
    assert cells(sheet, "up")["expected"] == "worse: disagrees"
    assert cells(sheet, "max")["what was measured"] == "71.25 %, n = 8"
    assert "expected" not in claim_sheet(summarize(result(arm("max", BASE), arm("none", [])))).titles
    assert claim_sheet(summarize(result(arm("max", BASE), arm("none", [])))).lines[1][2] == "nothing yet"


def test_other_values_and_costs_have_a_table():
    sheet = value_sheet(summarize(result(arm("max", BASE), arm("up", UP))))
    assert cells(sheet, "up") == {
        "arm": "up", "train accuracy, %": "90.00 ± 0.00", "kept for backward": "4.00 KiB", "field, px": "11",
    }  # fmt: skip


def test_seeds_that_settle_have_a_table():
    sheet = power_sheet(summarize(result(arm("max", BASE), arm("up", UP))))
    assert cells(sheet, "up")["spread of the differences, points"] == "0.24"
    assert int(cells(sheet, "up")["seeds for 0.25"]) > int(cells(sheet, "up")["seeds for 1"]) == 6
    assert power_sheet(summarize(result(arm("max", BASE)))).lines == []


def test_what_a_reader_has_to_know_is_noted():
    arms = (arm("max", BASE[:3]), arm("up", UP[:3]), arm("down", DOWN[:3]))
    failures = [{"arm": "up", "seed": 4, "error": ""}]
    open_ = {"failures": failures, "num_missing": 2, "overrides": ["seeds=3"], "hold_equal": {"macs": 0.05}}
    notes = study_notes(result(*arms, **open_))
    assert notes[0] == "up failed with seed 4: its means are of the other seeds."
    assert notes[1] == "Held equal, by proof before training: MACs within 5.0 %."
    assert notes[2] == "2 runs are still to be done."
    assert notes[3] == "Run otherwise than the study says: seeds=3."
    assert notes[4].startswith("With 3 common seeds no p below 0.05 is possible: telling 2 arms from max takes 7")
    assert "400 test images" in notes[5]
    assert "its seeds spread by 1.00 points" in notes[5]
    assert len(study_notes(result(arm("max", BASE), arm("up", UP)))) == 1


def test_arms_that_are_not_held_equal_or_not_counted_are_named():
    odd = arm("up", UP, costs=COSTS | {"macs": 52_000, "uncounted": ["fft"]})
    plain = result(arm("max", BASE), odd, hold_equal={"macs": 0.03, "parameters": 0.0})
    held, same, uncounted, _ = study_notes(plain)
    assert held.endswith("MACs within 3.0 %, but for those meant to differ: up.")
    assert same.endswith("parameters within 0.0 %.")
    assert uncounted == "up has ops that nothing counts (fft): its MACs are more."


@pytest.mark.parametrize(
    ("overrides", "ending"),
    [
        ([], ""),
        (["data=my images", "seeds=9"], " --data 'my images' --seeds 9"),
        (["arms=max,up", "optimizer.lr=0.2"], " --arm max --arm up --set optimizer.lr=0.2"),
    ],
)
def test_the_command_is_the_one_that_was_run(overrides, ending):
    plain = result(arm("max", BASE), overrides=overrides)
    assert command_of(plain) == f"convwright study run small-study --budget quick{ending}"


def test_costs_are_plotted_where_arms_differ():
    same = summarize(result(arm("max", BASE), arm("up", UP)))
    assert (plotted_costs(same), front_note(same)) == ([], "")
    dear = COSTS | {"macs": 60_000, "parameters": 1010}
    differ = summarize(result(arm("max", BASE), arm("up", UP, costs=dear), arm("down", DOWN)))
    assert plotted_costs(differ) == ["macs"]
    assert front_note(differ) == "No other arm is as good for less. By MACs: max, up."
