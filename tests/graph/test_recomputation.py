"""Ops of checkpointed regions are marked, each once, and torch is left as it was."""

import pytest
import torch
from torch import nn
from torch.utils import checkpoint as torch_checkpoint
from torch.utils.checkpoint import checkpoint, checkpoint_sequential

from convwright.errors import ConvwrightError
from convwright.graph import trace


class Net(nn.Module):
    """A module from a function of its input and three layers."""

    def __init__(self, function):
        super().__init__()
        self.function, self.layers = function, nn.ModuleList(nn.Linear(4, 4) for _ in range(3))

    def forward(self, x):
        return self.function(x, *self.layers)


def marks(function):
    return [(op.checkpoint, op.tracks_gradients) for op in trace(Net(function), (2, 4))]


@pytest.mark.parametrize("reentrant", [False, True])
def test_each_region_has_its_number(reentrant):
    found = marks(
        lambda x, a, b, c: checkpoint(
            c, b(checkpoint(lambda y: a(y).relu(), x, use_reentrant=reentrant)), use_reentrant=reentrant
        )
    )
    assert found == [(1, True), (1, True), (0, True), (2, True)]


def test_of_nested_regions_the_outermost_counts():
    def inner(y, b):
        return checkpoint(b, y, use_reentrant=False)

    found = marks(lambda x, a, b, c: c(checkpoint(lambda y: inner(a(y), b).relu(), x, use_reentrant=False)))
    assert [number for number, _ in found] == [1, 1, 1, 0]


def test_a_sequence_is_a_region_for_each_segment():
    found = marks(lambda x, a, b, c: checkpoint_sequential(nn.Sequential(a, b, c), 3, x, use_reentrant=False))
    assert [number for number, _ in found] == [1, 2, 0]


def test_gradients_may_be_off_inside():
    def forward(x, a, b, c):
        with torch.no_grad():
            x = a(x)
        with torch.inference_mode():
            b(x)
        return c(x)

    assert [tracks for _, tracks in marks(forward)] == [False, False, True]


def test_the_mode_of_the_caller_does_not_count():
    with torch.no_grad():
        found = marks(lambda x, *layers: layers[0](x))
        assert not torch.is_grad_enabled()
    assert found == [(0, True)]


def test_torch_is_left_as_it_was():
    before = {name: getattr(torch_checkpoint, name) for name in dir(torch_checkpoint)}
    apply = torch_checkpoint.CheckpointFunction.apply

    def fails(x, *layers):
        return checkpoint(lambda y: layers[0](y[:, :2]), x, use_reentrant=False)

    with pytest.raises(ConvwrightError, match="expected 4 features"):
        trace(Net(fails), (2, 4))
    assert {name: getattr(torch_checkpoint, name) for name in dir(torch_checkpoint)} == before
    assert torch_checkpoint.CheckpointFunction.apply == apply
