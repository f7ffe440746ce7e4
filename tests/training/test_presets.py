"""Presets: whole, named, and as their papers have them."""

import pytest

from convwright.errors import ConvwrightError
from convwright.training.presets import PRESETS, preset
from convwright.training.recipe import Recipe
from convwright.training.schedules import lr_factor


@pytest.mark.parametrize("name", PRESETS)
def test_presets_survive_a_file(name, tmp_path):
    recipe = preset(name)
    assert recipe.name == name
    recipe.write(tmp_path / "recipe.toml")
    assert Recipe.read(tmp_path / "recipe.toml") == recipe


def test_the_paper_of_2016_divides_at_32_and_48_thousand():
    recipe = preset("cifar-he2016")
    factors = [lr_factor(recipe.schedule, step, 64_000) for step in (0, 31_999, 32_000, 47_999, 48_000, 63_999)]
    assert factors == pytest.approx([1, 1, 0.1, 0.1, 0.01, 0.01])
    assert (recipe.batch_size, recipe.optimizer.lr, recipe.optimizer.weight_decay) == (128, 0.1, 1e-4)


def test_unknown_presets_get_the_nearest():
    with pytest.raises(ConvwrightError, match="did you mean cifar-fast"):
        preset("cifar-fats")
