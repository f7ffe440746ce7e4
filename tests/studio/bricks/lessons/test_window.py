"""The walking window: its numbers are those of the layer, and knobs that the brick does not take are idle."""

import pytest
import torch

from convwright.errors import ConvwrightError
from convwright.studio.bricks.pixels import tensor_of
from convwright.studio.bricks.state import read_lesson
from convwright.studio.shared.photographs import Photographs

IMAGE = Photographs().get("chelsea")


def measured(**texts):
    state = read_lesson(texts)
    return state.lesson.measure(state.values, IMAGE)


def test_the_numbers_are_those_of_the_layer():
    found = measured(brick="max", kernel_size="2", stride="2")
    output = torch.nn.functional.max_pool2d(tensor_of(IMAGE), 2)
    assert found.numbers["mean"] == pytest.approx(output.mean().item())
    assert found.numbers["places"] == output[0, 0].numel()
    assert found.numbers["stops"] == 36
    assert found.claim.startswith(f"Each of {output[0, 0].numel():,} windows turns 4 values into one: ")


def test_a_window_larger_than_the_piece_is_a_sentence_in_place_of_the_walk():
    found = measured(kernel_size="9", dilation="4")
    assert "stops" not in found.numbers
    assert "the window is larger than its map" in found.content


def test_a_window_that_torch_refuses_is_said():
    with pytest.raises(ConvwrightError, match="pad should be at most half"):
        measured(brick="max", padding="4")


def test_knobs_that_the_brick_does_not_take_are_idle():
    idle = {brick: (state := read_lesson({"brick": brick})).lesson.idle(state.values) for brick in ("lp", "max")}
    assert idle == {"lp": ("filter", "dilation", "mix"), "max": ("filter", "mix", "p")}
