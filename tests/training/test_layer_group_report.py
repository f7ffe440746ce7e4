"""The rows that say what each layer group will do: against the network and what the optimizer is given."""

import pytest
from torch import nn

from convwright.errors import ConvwrightError
from convwright.training import OptimizerRecipe, Recipe, layer_group_report
from convwright.training.layer_groups import LayerGroup
from reference.tiny_training import tiny_layer_groups, tiny_net


def test_a_row_says_what_a_layer_group_does():
    rows = layer_group_report(tiny_net(), tiny_layer_groups(), Recipe(epochs=1, optimizer=OptimizerRecipe(lr=0.2)))
    assert [row.name for row in rows] == ["stem", "middle", "head"]
    assert [row.is_frozen for row in rows] == [True, False, False]
    assert [row.norm_mode for row in rows] == ["eval", "none", "none"]
    assert [row.lrs for row in rows] == [(), (0.1,), (0.2,)]
    assert [row.num_parameters for row in rows] == [3 * 8 * 9 + 16, 8 * 8 + 8, 8 * 3 + 3]
    assert [row.num_trained for row in rows] == [0, 72, 27]


def test_muon_has_two_rates_and_norms_follow_their_layer_group():
    net = tiny_net()
    layer_groups = (
        LayerGroup(name="stem", modules=("0", "1"), lr_factor=0.5, starts=0.3),
        LayerGroup(name="rest", modules=("3", "7")),
    )
    recipe = Recipe(epochs=1, optimizer=OptimizerRecipe(name="muon", lr=0.2, other_lr=0.08))
    stem, rest = layer_group_report(net, layer_groups, recipe)
    assert (stem.lrs, rest.lrs) == ((0.1, 0.04), (0.2, 0.08))
    assert stem.norm_mode == "eval, then train"
    net[0].weight.requires_grad_(False)
    assert layer_group_report(net, layer_groups, recipe)[0].num_trained == 16
    (all_of_it,) = layer_group_report(net, [LayerGroup(name="all", modules=("",))], recipe)
    assert all_of_it.norm_mode == "train"


def test_no_parts_are_no_rows_and_wrong_ones_an_error():
    assert layer_group_report(tiny_net(), (), Recipe(epochs=1)) == ()
    with pytest.raises(ConvwrightError, match="in none"):
        layer_group_report(nn.Linear(1, 1), [LayerGroup(name="a", modules=("weight",))], Recipe(epochs=1))
