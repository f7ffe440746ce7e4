"""Inputs of a pass that is timed: all that a network takes, at any batch size."""

import pytest
import torch
from torch import nn

from convwright.analysis.latency import measure_latency, measure_layouts
from convwright.analysis.module_latency import measure_modules
from convwright.analysis.pass_inputs import input_shapes, pass_arguments
from convwright.errors import ConvwrightError
from convwright.graph.trace import trace

CPU = torch.device("cpu")


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.conv = nn.Embedding(10, 4), nn.Conv2d(3, 4, 3, padding=1)

    def forward(self, image, tokens, *, extra, size=(1, 1), scale=1.0):
        assert extra["bias"].shape == (7,)
        return self.conv(image)[..., : size[0]] * scale + self.words(tokens).mean(1)[:, :, None, None]


INPUTS = [(1, 3, 8, 8), torch.ones(1, 5, dtype=torch.int64), {"extra": {"bias": (7,)}, "scale": 2.0}]


def test_the_batch_is_that_of_every_input_that_has_it():
    graph = trace(Net(), INPUTS)
    assert input_shapes(graph, 4) == [((4, 3, 8, 8), None), ((4, 5), torch.int64), ((7,), None)]
    placed, named = pass_arguments(graph, 4, torch.bfloat16, CPU, channels_last=True)
    image, tokens = placed
    assert (image.shape, image.dtype) == ((4, 3, 8, 8), torch.bfloat16)
    assert image.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(tokens, torch.ones(4, 5, dtype=torch.int64))
    assert (named["extra"]["bias"].shape, named["scale"]) == ((7,), 2.0)


def test_inputs_by_name_only():
    graph = trace(nn.ReLU(), {"input": (2, 3)})
    placed, named = pass_arguments(graph, 5, torch.float32, CPU)
    assert (placed, named["input"].shape) == ((), (5, 3))


def test_latency_of_all_that_a_network_takes():
    model = Net().eval()
    graph = trace(model, INPUTS)
    assert measure_latency(model, graph, batch_size=3, budget_seconds=0.0).batch_size == 3
    assert [each.channels_last for each in measure_layouts(model, graph, budget_seconds=0.0)] == [False, True]
    assert {"words", "conv"} < {*measure_modules(model, graph, batch_size=2, repeats=1).own_seconds}


class OfList(nn.Module):
    def forward(self, images: list[torch.Tensor]):
        return [image * 2 for image in images]


def test_images_of_a_list_have_no_batch():
    graph = trace(OfList(), [[(3, 8, 8), (3, 4, 4)]])
    assert measure_latency(OfList(), graph, budget_seconds=0.0).batch_size == 1
    with pytest.raises(ConvwrightError, match="latency at batch 16"):
        measure_latency(OfList(), graph, batch_size=16)
