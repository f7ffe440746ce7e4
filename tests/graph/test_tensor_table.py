"""Tensors are watched, not held: what dies is forgotten, and when it died is known."""

import gc
import weakref
from itertools import pairwise
from typing import Any

import pytest
from torch import Tensor, nn

from convwright.errors import ConvwrightError
from convwright.graph import Graph, trace

SHAPE = (1, 3, 16, 16)


class Forward(nn.Module):
    """A module whose forward is a function."""

    def __init__(self, function: Any) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Any:
        return self.function(self, x)


def graph_of(function: Any) -> Graph:
    return trace(Forward(function), SHAPE)


def test_a_tensor_wrapped_anew_is_known_when_the_first_one_is_gone() -> None:
    graph = graph_of(lambda _, x: x.sum() + nn.Parameter(x * 2).relu())
    assert [op.kind for op in graph] == ["sum", "mul", "relu", "add"]
    assert graph.producer(graph.ops[2].input) is graph.ops[1]


def test_ids_of_dead_tensors_are_not_mistaken() -> None:
    def forward(_: nn.Module, x: Tensor) -> Tensor:
        for number in range(50):
            x = (x + number) * 2  # each sum dies, and the next one is often given its id
        return x

    graph = graph_of(forward)
    assert all(later.input is earlier.output for earlier, later in pairwise(graph.ops))
    sums, products = graph.ops[::2], graph.ops[1:-1:2]
    # A sum is gone after its product; `x` when it is bound anew.
    deaths = {op.output.storage: op.index + 1 for op in sums} | {op.output.storage: op.index + 2 for op in products}
    assert graph.deaths == deaths


def test_a_tensor_in_a_cycle_is_held_to_the_end() -> None:
    def forward(_: nn.Module, x: Tensor) -> Tensor:
        cycle: list[Any] = [x + 1]
        cycle.append(cycle)
        del cycle
        return (x * 2).relu()

    graph = graph_of(forward)
    assert gc.isenabled()
    assert graph.deaths == {graph.ops[1].output.storage: 2}


def test_a_failed_trace_holds_nothing() -> None:
    watched = []

    def forward(_: nn.Module, x: Tensor) -> Tensor:
        watched.append(weakref.ref(y := x + 1))
        return y.view(7, 7, 7)

    with pytest.raises(ConvwrightError):
        graph_of(forward)
    assert gc.isenabled()
    gc.collect()
    assert watched[0]() is None
