"""Recipes: what they take, how they are read, written and changed."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convwright.errors import ConvwrightError
from convwright.training.recipe import OPTIMIZERS, SCHEDULES, OptimizerRecipe, Recipe, ScheduleRecipe, differences

fractions = st.floats(0.01, 0.99)
recipes = st.builds(
    Recipe,
    name=st.text(),
    epochs=st.integers(1, 10**6),
    batch_size=st.integers(1, 10**5),
    ema=fractions,
    clip_norm=st.floats(0, 1e300),
    compile=st.booleans(),
    seed=st.integers(0, 2**62),
    optimizer=st.builds(
        OptimizerRecipe,
        name=st.sampled_from(OPTIMIZERS),
        lr=st.floats(1e-300, 1e300),
        momentum=fractions,
        betas=st.tuples(fractions, fractions),
    ),
    schedule=st.builds(
        ScheduleRecipe,
        name=st.sampled_from(SCHEDULES),
        warmup=fractions,
        milestones=st.lists(fractions, unique=True, min_size=1).map(sorted).map(tuple),
    ),
)


@given(recipes)
def test_what_is_written_is_read(tmp_path_factory, recipe):
    path = tmp_path_factory.getbasetemp() / "recipe.toml"
    recipe.write(path)
    assert Recipe.read(path) == recipe
    assert Recipe.from_dict(recipe.to_dict()) == recipe
    assert differences(recipe.to_dict(), Recipe.read(path).to_dict()) == []


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("optimizer.lr=-1", "optimizer.lr: expected a number above 0, got -1"),
        ("optimizer.lr=fast", "optimizer.lr: expected a number above 0, got 'fast'"),
        ("optimizer.momentum=1", "optimizer.momentum: expected a number at least 0 and below 1, got 1"),
        ("optimizer.betas=[0.9]", "optimizer.betas: expected 2 numbers"),
        ("optimizer.name=sdg", "did you mean sgd?"),
        ("batch_size=0", "batch_size: expected a whole number, at least 1, got 0"),
        ("batch_size=1.5", "batch_size: expected a whole number, at least 1, got 1.5"),
        ("accumulation=3", "accumulation=3 with batch_size=128; make it a divisor of batch_size"),
        ("compile=1", "compile: expected true or false, got 1"),
        ("precision=bf32", "did you mean fp32?"),
        ("schedule.name=step", "schedule.milestones: expected at least one"),
        ("schedule.name=one-cycle", "schedule.warmup: expected above 0"),
        ("schedule.milestones=[0.5, 0.2]", "rising fractions"),
        ("optimiser.lr=1", "did you mean optimizer?"),
        ("batchsize=4", "did you mean batch_size"),
        ("seed", "setting 'seed': expected name=value"),
        ("ema=nan", "ema: expected a number at least 0 and below 1, got nan"),
        ("optimizer=3", "optimizer: expected a table of fields, got 3"),
    ],
)
def test_a_wrong_field_is_refused_by_name(override, said):
    with pytest.raises(ConvwrightError) as raised:
        Recipe(epochs=1).with_overrides([override])
    assert said in str(raised.value)


def test_overrides_set_fields_and_lengths_replace_each_other():
    recipe = Recipe(epochs=3).with_overrides(["steps=50", "optimizer.name=muon", "augmentation.flip=true", "seed = 4"])
    assert (recipe.epochs, recipe.steps, recipe.seed, recipe.optimizer.name) == (None, 50, 4, "muon")
    assert recipe.augmentation.flip is True
    assert recipe.with_overrides(["epochs=2"]).steps is None


def test_a_recipe_has_one_length_and_does_not_change():
    for lengths in ({}, {"epochs": 1, "steps": 1}):
        with pytest.raises(ConvwrightError, match="either epochs or steps"):
            Recipe(**lengths)
    with pytest.raises(dataclasses.FrozenInstanceError):
        Recipe(epochs=1).epochs = 2


def test_files_that_are_no_recipe_are_named(tmp_path):
    with pytest.raises(ConvwrightError, match="nothing there"):
        Recipe.read(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("epochs = = 3")
    with pytest.raises(ConvwrightError, match="is not TOML"):
        Recipe.read(tmp_path / "bad.toml")


def test_differences_name_the_fields():
    before, after = Recipe(epochs=1).to_dict(), Recipe(epochs=1, optimizer=OptimizerRecipe(lr=0.5), seed=2).to_dict()
    assert differences(before, after) == ["seed was 0, now 2", "optimizer.lr was 0.1, now 0.5"]


def test_a_recipe_is_written_as_tables_without_what_is_none(tmp_path):
    recipe = Recipe(epochs=1)
    recipe.write(tmp_path / "recipe.toml")
    text = (tmp_path / "recipe.toml").read_text(encoding="utf-8")
    assert "\n[optimizer]\n" in text
    assert "steps" not in text
    assert Recipe.read(tmp_path / "recipe.toml") == recipe
