"""What every format says of a comparison of strategies."""

import json
import shlex
from dataclasses import replace

import pytest
from typer.main import get_command

from convwright.cli.main import app
from convwright.reports.transfer.tables import (
    answer,
    choice_sheet,
    command_of,
    curve_sheet,
    difference_sheet,
    layer_group_sheet,
    method_notes,
    run_sheet,
    setting,
    strategy_sheet,
    trained_layer_groups,
)
from convwright.training import LayerGroupRow
from convwright.transfer_learning.summary import TransferSummary
from reference.outcomes import outcome, transfer_result

GOOD, BAD = [True] * 9 + [False], [True] * 5 + [False] * 5


def kept(*outcomes, **changes):
    """The summary that a file gives."""
    return TransferSummary.from_dict(json.loads(json.dumps(replace(transfer_result(*outcomes), **changes).to_dict())))


@pytest.fixture(scope="module")
def compared():
    return kept(
        *(outcome(GOOD, "probe", seed=seed) for seed in (0, 1)),
        *(outcome(BAD, "scratch", seed=seed, num_trained=5000) for seed in (0, 1)),
    )


def cells(sheet, name):
    """The line that begins with a name, by title."""
    line = next(line for line in sheet.lines if line[0] == name)
    return dict(zip(sheet.titles, line, strict=True))


def test_a_strategy_is_a_line_with_what_it_is_worth_and_takes(compared):
    probe = cells(strategy_sheet(compared), "probe")
    assert (probe["validation, %"], probe["test, %"], probe["95 % interval"]) == ("90.0", "90.0 ± 0.0", "59.6 to 98.2")
    assert (probe["train - test, points"], probe["training"], probe["peak memory"]) == ("10.0", "1.50 s", "200 B")
    assert cells(strategy_sheet(compared), "scratch")["trained"] == "5.00 k"


def test_what_is_no_network_and_what_is_not_known_is_said():
    knn = outcome(GOOD, "knn")
    learned = replace(knn.result, model=None, cost=replace(knn.result.cost, peak_bytes=None))
    result = kept(replace(knn, result=learned))
    assert cells(strategy_sheet(result), "knn")["trained"] == "no network"
    assert cells(strategy_sheet(result), "knn")["peak memory"] == "unknown"
    assert answer(result) == "Nothing to ship: none of these strategies makes a network."
    assert not difference_sheet(result).lines


def test_differences_are_those_of_the_recommended_one(compared):
    assert answer(compared).startswith("Ship probe: ")
    assert [line[:2] for line in difference_sheet(compared).lines] == [("scratch", "+40.0")]


def test_a_learning_curve_has_a_column_a_number_of_images():
    few = replace(outcome(BAD, share=0.5), num_images=1200)
    found = curve_sheet(kept(outcome(GOOD), few))
    assert found.titles == ("strategy", "1,200 images (50 %)", "2 images (100 %)")
    assert cells(found, "probe")["1,200 images (50 %)"] == "50.0"
    assert not curve_sheet(kept(outcome(GOOD))).lines


def test_runs_are_shown_where_there_are_several_seeds(compared):
    assert run_sheet(compared).lines == [("probe", "90.0", "90.0"), ("scratch", "50.0", "50.0")]
    assert not run_sheet(kept(outcome(GOOD))).lines


def test_choices_are_listed_by_seed(compared):
    assert choice_sheet(compared).lines[0] == ("probe", "C", "0.1, 0.1")


def test_parts_say_when_and_how_fast_they_learn():
    numbers = {"num_parameters": 1000, "num_trained": 0}
    stem = LayerGroupRow(name="stem", modules=(), norm_mode="eval", lrs=(), starts=1.0, **numbers)
    head = replace(stem, name="head", norm_mode="none", lrs=(0.01,), num_trained=1000, starts=0.25)
    first, second = layer_group_sheet([stem, head]).lines
    assert first == ("stem", "never (frozen)", "eval", "none", "1,000", "0")
    assert second[1:4] == ("after 25 % of the steps", "none", "0.01")


def test_without_a_trained_classifier_there_are_no_layer_groups(compared):
    assert not trained_layer_groups(compared).lines


def test_the_setting_says_where_validation_images_are_from(compared):
    text = setting(compared)
    assert "resnet20 (somewhere.pth weights) on tiny: 48 training and 30 test images of 3 classes, a fifth" in text
    assert "2 strategies, 2 paired seeds" in text


def test_it_is_said_how_long_networks_were_trained(compared):
    recipe = compared.tuning.recipe
    said = f"{recipe.epochs} epochs of all images, in batches of {recipe.batch_size}"
    assert said in method_notes(compared.tuning)[0]
    by_steps = replace(compared.tuning, recipe=replace(recipe, epochs=None, steps=60))
    assert " for 60 steps, " in method_notes(by_steps)[0]


def test_the_command_is_one_that_does_it_again():
    found = kept(outcome(GOOD, "linear-probe"), replace(outcome(GOOD, "linear-probe", share=0.5), num_images=1))
    words = shlex.split(command_of(found))
    verb = get_command(app).commands["transfer"]
    with verb.make_context("transfer", words[2:]) as context:
        given = context.params
    assert (given["data"], given["model"], given["weights"]) == ("photos/", "resnet20", "somewhere.pth")
    assert (given["strategies"], given["seeds"], given["learning_curve"]) == (["linear-probe"], 1, True)
    assert {"epochs=2", "batch_size=8", "optimizer.lr=0.05"} <= set(given["overrides"])
    assert not any("betas" in each or "milestones" in each for each in given["overrides"])


def test_the_command_has_the_tuning_and_all_strategies_by_one_word():
    from convwright.transfer_learning import STRATEGIES

    tuned = replace(transfer_result().tuning, lr_decay=0.5, unfrozen_by=0.25, freeze=("stem",))
    command = command_of(kept(*(outcome(GOOD, name) for name in STRATEGIES), tuning=tuned))
    assert "--strategy all --seeds 1 --lr-decay 0.5 --unfrozen-by 0.25 --freeze stem" in command
