"""What a study may be, and how an arm becomes a network and a recipe."""

import re
from dataclasses import replace

import pytest
import torch

from convwright.errors import ConvwrightError
from convwright.studies import Arm, Budget, Measure
from convwright.training import Recipe
from reference.tiny_study import STUDY, arm, first_filter, with_arm


def built(name="max", seed=0, **options):
    return arm(name, **options).build(num_classes=3, in_channels=3, seed=seed)


def test_the_seed_alone_decides_the_first_weights():
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    first, again, other = built(seed=1), built(seed=1), built(seed=2)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.equal(first[0].weight, again[0].weight)
    assert not torch.equal(first[0].weight, other[0].weight)


def test_arms_start_with_the_same_weights_where_shapes_agree():
    narrow, wide = built(), built(width=16)
    average = built(pool="average")
    assert torch.equal(narrow[0].weight, average[0].weight)
    assert torch.equal(narrow[-1].weight, average[-1].weight)
    assert narrow[0].weight.shape != wide[0].weight.shape


def test_a_model_of_the_zoo_takes_classes_channels_and_seed():
    zoo = Arm(name="zoo", claim="c", model="resnet20", options={"width": 0.5})
    model = zoo.build(num_classes=7, in_channels=1, seed=3)
    assert model(torch.zeros(2, 1, 32, 32)).shape == (2, 7)
    assert torch.equal(
        model.stem.conv.conv.weight, zoo.build(num_classes=7, in_channels=1, seed=3).stem.conv.conv.weight
    )


@pytest.mark.parametrize("model", ["resnet21", len])
def test_an_arm_that_does_not_build_says_which(model):
    with pytest.raises(ConvwrightError, match="arm 'odd' does not build: "):
        Arm(name="odd", claim="c", model=model).build(num_classes=3, in_channels=3, seed=0)


def test_what_an_arm_is_comes_last():
    study = with_arm(STUDY, replace(arm("fast"), changes=("optimizer.lr=0.5", "clip_norm=0")))
    fast, smoke = study.arm("fast"), study.budgets["smoke"]
    recipe = study.recipe_of(fast, smoke, overrides=["optimizer.lr=0.2", "batch_size=4"], seed=9)
    assert (recipe.optimizer.lr, recipe.clip_norm, recipe.batch_size, recipe.seed) == (0.5, 0, 4, 9)
    assert study.recipe_of(study.arm("max"), smoke, overrides=["optimizer.lr=0.2"]).optimizer.lr == 0.2


def test_a_budget_changes_the_recipe():
    study = replace(STUDY, budgets={"smoke": Budget(time="t", changes=("steps=7",))})
    assert study.recipe_of(study.arm("max"), study.budgets["smoke"]).steps == 7


def test_an_arm_is_compared_with_the_baseline_or_the_one_it_names():
    study = replace(STUDY, arms=(*STUDY.arms, arm("third"), replace(arm("more"), against="third")))
    found = [study.compared_with(study.arm(name)) for name in ("max", "third", "more")]
    assert found == [None, study.arm("max"), study.arm("third")]


def test_values_are_named():
    assert STUDY.value_names == ("test_accuracy", "filters_before", "filters")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"arms": ()}, "unknown arm 'max'"),
        ({"arms": (arm("max"), arm("max"))}, "arm 'max': expected each name once"),
        ({"baseline": "maximum"}, "unknown arm 'maximum'.*did you mean max"),
        ({"name": "My Study"}, "study 'My Study': expected lower case"),
        ({"hold_equal": {"mac": 0.1}}, "unknown cost 'mac'"),
        ({"hold_equal": {"macs": -0.1}}, "hold_equal of macs: expected at least 0"),
        ({"metric": "accuracy"}, "unknown metric 'accuracy'"),
        ({"budgets": {}}, "at least one budget"),
        ({"arms": (replace(arm("max"), expected="same"),)}, "baseline 'max': expected no expectation"),
        ({"arms": (replace(arm("max"), against="max"),)}, "baseline 'max': expected no expectation"),
        ({"arms": (arm("max"), replace(arm("b"), against="b"))}, "arm against which b is set 'b'"),
        ({"arms": (arm("max"), replace(arm("b"), against="c"))}, "arm against which b is set 'c'"),
        ({"budgets": {"smoke": Budget(time="t", changes=("optimizer.rl=1",))}}, "optimizer.rl"),
        ({"recipe": Recipe(epochs=1)}, "precision of study 'tiny': expected fp32, bf16 or fp16"),
        ({"measures": (Measure(name="test_accuracy", what="w", function=first_filter),)}, "'test_accuracy'"),
    ],
)
def test_a_study_that_cannot_be_is_refused(change, said):
    with pytest.raises(ConvwrightError, match=said):
        replace(STUDY, **change)


@pytest.mark.parametrize("bad", [{"name": "Max"}, {"unequal": ("latency",)}])
def test_an_arm_that_cannot_be_is_refused(bad):
    with pytest.raises(ConvwrightError, match=re.escape(str(next(iter(bad.values()))[0][0]))):
        Arm(**{"name": "max", "claim": "c", "model": "resnet20", **bad})


def test_an_expectation_is_one_of_three():
    with pytest.raises(
        ConvwrightError, match="unknown expectation of arm max 'good': expected one of better, same, worse"
    ):
        replace(arm("max"), expected="good")


@pytest.mark.parametrize("bad", [{"seeds": 0}, {"most_images": 0}])
def test_a_budget_of_nothing_is_refused(bad):
    with pytest.raises(ConvwrightError, match=next(iter(bad))):
        Budget(time="t", **bad)


def test_unknown_names_get_the_nearest():
    with pytest.raises(ConvwrightError, match=r"unknown budget of tiny 'smok'.*did you mean smoke"):
        STUDY.budget("smok")
    with pytest.raises(ConvwrightError, match=r"unknown arm of tiny 'averge'.*did you mean average"):
        STUDY.arm("averge")
