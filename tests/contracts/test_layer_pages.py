"""The docstring of a layer is its page: shape, source, and an example that runs."""

import doctest
import inspect

import pytest
from torch import nn

from convwright import layers

PUBLIC = {name: value for name in layers.__all__ if inspect.isclass(value := getattr(layers, name))}
LAYERS = {name: value for name, value in PUBLIC.items() if issubclass(value, nn.Module)}
LAYERS |= {brick.layer.__name__: brick.layer for brick in layers.bricks().values()}


def test_there_are_layers():
    assert len(LAYERS) > 25


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_states_shape_source_and_example(name):
    page = inspect.getdoc(LAYERS[name])
    assert page is not None
    summary, _, rest = page.partition("\n")
    assert summary.endswith((".", ":"))
    shape = next(line for line in rest.splitlines() if line.startswith("Shape: "))
    assert "->" in shape
    assert "\nSource: " in rest
    assert any(character.isdigit() for character in rest.partition("\nSource: ")[2].partition("\n\n")[0]) or (
        "documentation" in rest
    )
    assert doctest.DocTestParser().get_examples(page)


def test_every_public_layer_is_in_some_example():
    seen = {
        type(module)
        for brick in layers.bricks().values()
        for make in brick.examples.values()
        for module in make().modules()
    }
    assert {name for name, layer in LAYERS.items() if layer not in seen} == set()


def test_the_list_of_public_names_is_sorted_and_true():
    assert layers.__all__ == sorted(layers.__all__, key=lambda name: (not name.isupper(), name[0].islower(), name))
    assert all(hasattr(layers, name) for name in layers.__all__)
