import dataclasses

import pytest
from torch import nn

from convwright.layers import Brick, Pooling, bricks, poolings


def test_a_brick_cannot_be_changed():
    brick = Brick(layer=nn.ReLU, examples={"any": nn.ReLU})
    with pytest.raises(dataclasses.FrozenInstanceError):
        brick.layer = nn.SiLU


def test_the_folder_is_the_list():
    assert set(poolings()) < set(bricks())
    assert {"conv", "residual", "preactivation", "inverted_residual", "dense", "vgg", "stem", "head"} < set(bricks())


@pytest.mark.parametrize("name", bricks())
def test_every_brick_has_examples_of_its_layer(name):
    brick = bricks()[name]
    made = [make() for make in brick.examples.values()]
    assert made
    assert any(isinstance(layer, brick.layer) for layer in made)


@pytest.mark.parametrize("name", poolings())
def test_every_pooling_has_its_row(name):
    row = poolings()[name]
    assert isinstance(row, Pooling)
    assert all(len(text) > 5 for text in (row.formula, row.best_for, row.downside))
