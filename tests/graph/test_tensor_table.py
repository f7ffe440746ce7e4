"""Tensors are watched, not held: what dies is forgotten, and when it died is known."""

import gc
import weakref
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from convwright.analysis.analyze import analyze
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


class Mixed(nn.Module):
    """A layer behind a product with a matrix, such as that of a graph."""

    def __init__(self, matrix, mix):
        super().__init__()
        self.register_buffer("matrix", matrix)
        self.mix, self.fc = mix, nn.Linear(8, 4)

    def forward(self, x):
        return self.fc(self.mix(self.matrix, x))


@pytest.mark.filterwarnings("ignore:Sparse CSR")
@pytest.mark.parametrize("layout", [torch.sparse_coo, torch.sparse_csr])
@pytest.mark.parametrize(
    ("mix", "uncounted"),
    [
        (torch.matmul, ["sparse_matmul"]),
        (torch.sparse.mm, ["sparse_mm"]),
        (lambda a, x: (a * 2) @ x, ["sparse_mul", "sparse_matmul"]),
    ],
)
def test_what_reads_a_sparse_tensor_is_named_as_uncounted(layout, mix, uncounted):
    found = analyze(Mixed(torch.eye(5).to_sparse(layout=layout), mix), (5, 8))
    assert [row.op.kind for row in found.ops if row.macs is None] == uncounted
    assert found.totals.macs == 5 * 8 * 4  # the dense layer behind it
    assert found.ops[-1].op.output.shape == (5, 4)
