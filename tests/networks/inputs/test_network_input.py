"""Inputs as typed and mistyped, and as a trace takes them."""

import pytest
import torch
from torch import nn

from convwright.errors import ConvwrightError
from convwright.graph import trace
from convwright.networks.inputs.network_input import NetworkInput, as_inputs, parse_input, parse_inputs, typed, written


@pytest.mark.parametrize("text", ["3x224", "1X3x32x32", "7"])
def test_inputs(text: str) -> None:
    assert parse_input(text).shape == tuple(int(part) for part in text.lower().split("x"))


@pytest.mark.parametrize("text", ["", "3xx2", "3x0x2", "axb", "3,224,224", "3x4x4:int63", "3x4x4:nn", "1=3x4x4", "x="])
def test_inputs_that_are_none(text: str) -> None:
    with pytest.raises(ConvwrightError, match="3x224x224"):
        parse_input(text)


@pytest.mark.parametrize("text", ["3x32x32,1x32x32", "3x32x32 1x32x32", "3x32x32;1x32x32", "3x32x32, 1x32x32"])
def test_several_inputs(text: str) -> None:
    assert [each.shape for each in parse_inputs(text)] == [(1, 3, 32, 32), (1, 1, 32, 32)]


@pytest.mark.parametrize("text", ["3x8x8", "x=3x8x8, t=1:int64", "1x16:int64", "1x3x4x8x8", "x.0=3x8x8, x.1=1x3x8x8"])
def test_what_is_written_is_read_again(text: str) -> None:
    inputs = parse_inputs(text)
    assert typed(inputs) == text
    assert parse_inputs(written(inputs)) == inputs


class Two(nn.Module):
    def forward(self, x, scale=1.0, *, mask=None):
        return x, scale, mask


def test_inputs_are_given_by_place_or_by_name():
    image, ids = NetworkInput(shape=(1, 3, 8, 8), name="x"), NetworkInput(shape=(1, 4), name="mask", dtype=torch.int64)
    assert as_inputs(Two(), [image]) == [(1, 3, 8, 8)]
    named = as_inputs(Two(), [image, ids])
    assert named["x"] == (1, 3, 8, 8)
    assert (named["mask"].shape, named["mask"].dtype, named["mask"].is_meta) == ((1, 4), torch.int64, True)
    unnamed = NetworkInput(shape=(1, 3, 8, 8))
    assert list(as_inputs(Two(), [unnamed, ids])) == ["x", "mask"]


class Many(nn.Module):
    def forward(self, images: list[torch.Tensor], state: tuple[torch.Tensor, ...], *maps):
        return images, state, maps


def test_items_are_given_in_their_containers():
    specs = parse_inputs("images.0=3x8x8, images.1=3x9x9, state.0=1x2")
    assert as_inputs(Many(), specs) == [[(3, 8, 8), (3, 9, 9)], ((1, 2),)]
    assert as_inputs(Many(), (*specs, *parse_inputs("maps.0=1x4, maps.1=1x5")))[2:] == [(1, 4), (1, 5)]
    assert as_inputs(Two(), parse_inputs("mask.p3=1x4, mask.4=1x5")) == {"mask": {"p3": (1, 4), "4": (1, 5)}}


@pytest.mark.parametrize("text", ["images=3x8x8, images.0=3x8x8", "images.0=3x8x8, images.0=3x8x8"])
def test_an_input_that_is_given_twice(text):
    with pytest.raises(ConvwrightError, match="is given twice"):
        as_inputs(Many(), parse_inputs(text))


def test_values_that_are_no_tensors() -> None:
    class Scaled(nn.Module):
        def forward(self, x: torch.Tensor, mode: str, size: tuple[int, int], scale: float | None) -> torch.Tensor:
            assert (mode, size, scale) == ("nearest", (4, 4), None)
            return nn.functional.interpolate(x, size, scale, mode)

    texts = ("1x3x8x8", "mode:=nearest", "size:=(4, 4)", "scale:=None")
    specs = [parse_input(text) for text in texts]
    graph = trace(Scaled(), as_inputs(Scaled(), specs))
    assert [tensor.shape for tensor in graph.outputs.values()] == [(1, 3, 4, 4)]
    assert [str(spec) for spec in specs[1:]] == ["mode:='nearest'", "size:=(4, 4)", "scale:=None"]
    assert specs[1].to_dict() == {"name": "mode", "shape": [], "dtype": None, "value": "'nearest'"}
