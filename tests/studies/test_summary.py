"""A summary is what its parts make of a study's result."""

import json
from dataclasses import replace

import pytest

from convwright.errors import ConvwrightError
from convwright.statistics import binomial_error, estimate
from convwright.studies.power import seeds_to_settle
from convwright.studies.summary import SETTLED, Agreement, summarize
from convwright.training.evaluate import wilson_interval
from reference.study_results import BASE, COSTS, DOWN, MIXED, UP, arm, result


def test_every_arm_has_its_numbers():
    found = summarize(result(arm("max", BASE), arm("up", UP), arm("mixed", MIXED)))
    base, up, mixed = found.arms
    assert base.difference is None
    assert up.estimates["test_accuracy"] == estimate(UP)
    assert up.estimates["train_accuracy"].mean == pytest.approx(0.9)
    assert (up.difference.verdict, mixed.difference.verdict) == ("better", "not distinguishable")
    spread = up.difference.estimate.standard_deviation
    assert up.seeds_to_settle == {gap: seeds_to_settle(gap, spread, num_comparisons=2) for gap in SETTLED}
    assert found.answer.startswith("Better than max: up")
    assert "uncounted" not in base.costs


def test_the_spread_of_the_test_images_is_the_binomials():
    spread = summarize(result(arm("max", BASE), arm("up", UP))).set_spread
    mean = sum(BASE) / 8
    assert (spread.num_images, spread.accuracy) == (400, pytest.approx(mean))
    assert spread.standard_error == pytest.approx(binomial_error(mean, 400))
    assert spread.interval == wilson_interval(round(400 * mean), 400)
    other = result(arm("a", BASE, "ratio"), arm("b", UP, "ratio"), metric="ratio")
    assert summarize(other).set_spread is None
    assert summarize(other).arms[1].seeds_to_settle == {}
    assert summarize(result(arm("a", BASE), arm("b", BASE))).arms[1].seeds_to_settle == {}  # no spread was seen


def test_fronts_are_by_cost_and_by_what_is_better():
    cheap = COSTS | {"parameters": 10}
    arms = (arm("max", BASE), arm("up", UP), arm("down", DOWN, costs=cheap))
    fronts = summarize(result(*arms)).fronts
    assert (fronts["parameters"], fronts["macs"]) == (("up", "down"), ("up",))
    errors = (arm("max", BASE, "test_error"), arm("up", UP, "test_error"), arm("down", DOWN, "test_error"))
    assert summarize(result(*errors, metric="test_error", less_is_better=["test_error"])).fronts["macs"] == ("down",)


def test_what_is_better_is_said_not_guessed_from_a_name():
    arms = (arm("max", BASE, "shift_error"), arm("up", UP, "shift_error", expected="better"))
    for less, verdict, agreement in (([], "better", "agrees"), (["shift_error"], "worse", "disagrees")):
        found = summarize(result(*arms, metric="shift_error", less_is_better=less)).arms[1]
        assert (found.difference.verdict, found.agreement) == (verdict, agreement)


@pytest.mark.parametrize(
    ("expected", "values", "agreement"),
    [
        ("better", UP, Agreement.AGREES),
        ("worse", UP, Agreement.DISAGREES),
        ("same", UP, Agreement.DISAGREES),
        ("better", MIXED, Agreement.CANNOT_TELL),
        ("same", MIXED, Agreement.CANNOT_TELL),  # its interval reaches 1.2 points to either side
        ("same", [value + 0.001 * (-1) ** seed for seed, value in enumerate(BASE)], Agreement.AGREES),
        ("same", [value + 0.004 + 0.0001 * seed for seed, value in enumerate(BASE)], Agreement.AGREES),
        ("better", UP[:3], Agreement.CANNOT_TELL),
        (None, UP, None),
        ("better", [], None),
    ],
)
def test_expectations_are_met_missed_or_open(expected, values, agreement):
    more = {} if expected is None else {"expected": expected}
    assert summarize(result(arm("max", BASE), arm("other", values, **more))).arms[1].agreement == agreement


def test_what_is_not_there_yet_is_left_open():
    failures = [{"arm": "up", "seed": 9, "error": "the loss is not finite"}]
    found = summarize(result(arm("max", []), arm("up", UP), failures=failures))
    assert found.arms[0].estimates == {}
    assert found.arms[1].failed_seeds == (9,)
    assert found.set_spread is None
    assert found.fronts == dict.fromkeys(("parameters", "macs", "activation_bytes", "receptive_field_px"), ("up",))
    assert found.answer.startswith("Nothing to compare")
    assert summarize(result(arm("max", []))).fronts == {}


def test_a_summary_is_plain():
    plain = summarize(result(arm("max", BASE), arm("up", UP, expected="better"))).to_dict()
    assert json.loads(json.dumps(plain))["arms"][1]["agreement"] == "agrees"
    assert plain["arms"][1]["difference"]["verdict"] == "better"
    assert plain["arms"][1]["seeds_to_settle"].keys() == {"0.0025", "0.005", "0.01"}
    assert plain["arms"][0]["costs"] == {name: cost for name, cost in COSTS.items() if name != "uncounted"}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"baseline": "min"}, "unknown baseline 'min'"),
        ({"metric": "test_acuracy"}, "arm max, seed 0: expected test_acuracy, got test_accuracy, train_accuracy"),
        ({"arms": result(arm("max", BASE), arm("up", UP, expected="good")).arms}, "unknown expectation 'good'"),
        ({"arms": result(arm("max", BASE), arm("up", UP, against="min")).arms}, "unknown arm 'min'"),
    ],
)
def test_what_does_not_fit_is_said(changed, words):
    with pytest.raises(ConvwrightError, match=words):
        summarize(replace(result(arm("max", BASE), arm("up", UP)), **changed))
