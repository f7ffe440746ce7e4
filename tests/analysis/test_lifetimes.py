"""When memory is freed: views, in-place ops, arguments of modules, variables, lists of maps."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from convwright.analysis.lifetimes import Allocation, lifetimes
from convwright.analysis.memory import measure_memory
from convwright.graph import Graph, trace

SHAPE = (2, 4, 8, 8)
MAP = 4 * 2 * 4 * 64


class Block(nn.Module):
    """Four convolutions that keep the shape, and a function of them and the input."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__()
        self.a, self.b, self.c, self.d = (nn.Conv2d(4, 4, 1) for _ in range(4))
        self.function = function

    def forward(self, x: Tensor) -> Any:
        return self.function(self, x)


def of(graph: Graph, index: int) -> Allocation:
    """The allocation of what the op at `index` made."""
    return lifetimes(graph)[graph.ops[index].output.storage]


def test_a_chain_frees_each_map_after_its_reader() -> None:
    graph = trace(nn.Sequential(*(nn.Conv2d(4, 4, 1) for _ in range(3))), SHAPE)
    allocations = list(lifetimes(graph).values())
    assert [(allocation.first, allocation.last, allocation.num_bytes) for allocation in allocations] == [
        (-1, 3, MAP),  # the caller holds the input
        (0, 1, MAP),
        (1, 2, MAP),
        (2, 3, MAP),  # and the result
    ]


def test_views_and_in_place_results_share_memory() -> None:
    model = nn.Sequential(nn.Conv2d(4, 4, 1), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(256, 2))
    graph = trace(model, SHAPE)
    assert [(allocation.num_bytes, allocation.first, allocation.last) for allocation in lifetimes(graph).values()] == [
        (MAP, -1, 4),
        (MAP, 0, 3),
        (2 * 2 * 4, 3, 4),
    ]


def test_what_a_module_is_given_lives_until_it_returns() -> None:
    inner = nn.Sequential(nn.Conv2d(4, 4, 1), nn.Conv2d(4, 4, 1), nn.Conv2d(4, 4, 1))
    graph = trace(nn.Sequential(nn.Conv2d(4, 4, 1), inner, nn.Conv2d(4, 4, 1)), SHAPE)
    assert (of(graph, 0).first, of(graph, 0).last) == (0, 3)
    assert (of(graph, 1).first, of(graph, 1).last) == (1, 2)


def test_what_a_block_computes_and_hands_on_has_a_name() -> None:
    def forward(self: Block, x: Tensor) -> Tensor:
        joined = torch.cat([x, x], 1)[:, :4]
        return self.c(self.b(self.a(joined)))

    graph = trace(nn.Sequential(Block(forward), nn.Conv2d(4, 4, 1)), SHAPE)
    assert [op.kind for op in graph.ops] == ["cat", "getitem", "conv2d", "conv2d", "conv2d", "conv2d"]
    assert of(graph, 0).last == 4  # its view has the name
    nameless = trace(nn.Sequential(Block(lambda self, x: self.b(self.a(x + 1))), nn.ReLU()), SHAPE)
    assert of(nameless, 0).last == 1


def test_what_a_block_joins_was_in_a_list() -> None:
    def forward(self: Block, x: Tensor) -> Tensor:
        maps = [self.a(x), self.b(x)]
        return self.d(torch.cat(maps, 1)[:, :4])

    graph = trace(nn.Sequential(Block(forward), nn.Conv2d(4, 4, 1)), SHAPE)
    last_of_block = 4
    assert graph.ops[last_of_block].path == "0.d"
    assert of(graph, 0).last == of(graph, 1).last == last_of_block


def test_a_variable_lives_until_it_is_bound_anew_deleted_or_its_function_returns() -> None:
    def named(self: Block, x: Tensor) -> Tensor:
        first = self.a(x)
        second = self.b(first)
        return self.d(self.c(second))

    def bound_anew(self: Block, x: Tensor) -> Tensor:
        x = self.a(x)
        x = self.b(x)
        return self.d(self.c(x))

    def deleted(self: Block, x: Tensor) -> Tensor:
        first = self.a(x)
        second = self.b(first)
        del first, x
        return self.d(self.c(second))

    last = {f.__name__: of(trace(Block(f), SHAPE), 0).last for f in (named, bound_anew, deleted)}
    assert last == {"named": 3, "bound_anew": 1, "deleted": 1}


def test_a_result_nobody_takes_is_gone_at_once() -> None:
    def forward(self: Block, x: Tensor) -> Tensor:
        self.a(x)
        return self.c(self.b(x))

    assert [of(trace(Block(forward), SHAPE), index).last for index in range(3)] == [0, 2, 3]


def test_what_the_model_keeps_outlives_the_call() -> None:
    def forward(self: Block, x: Tensor) -> Tensor:
        self.kept = self.a(x)
        return self.c(self.b(x))

    model = Block(forward)
    graph = trace(model, SHAPE)
    assert of(graph, 0).last == len(graph.ops)
    assert not hasattr(model, "kept")


def test_what_depends_on_weights_alone_does_not_grow_with_the_batch() -> None:
    class Standardized(nn.Conv2d):
        def forward(self, x: Tensor) -> Tensor:
            return F.conv2d(x + torch.ones(8), self.weight - self.weight.mean())

    graph = trace(Standardized(4, 4, 1), SHAPE)
    varies = {op.kind: of(graph, op.index).varies for op in graph.ops}
    assert varies == {"add": True, "mean": False, "sub": False, "conv2d": True}


@pytest.mark.parametrize(
    "function",
    [
        lambda self, x: self.a(x) + self.b(x),
        lambda self, x: self.c(F.relu_(self.a(x))) * self.b(x).sigmoid_(),
        lambda self, x: torch.cat([self.a(x), self.b(x), x], 1),
        lambda self, x: (self.a(x), self.b(x).mean((2, 3))),
        lambda self, x: F.max_pool2d(self.a(x).relu_(), 2),
        lambda self, x: self.b(self.a(x)).add_(x),
    ],
)
def test_peaks_of_blocks_are_torchs(function: Callable[..., Any], torch_peak_inference: Callable[..., int]) -> None:
    model = nn.Sequential(nn.Conv2d(4, 4, 1), Block(function))
    facts = measure_memory(trace(model, SHAPE))
    assert facts.peak_activation_bytes == torch_peak_inference(model, torch.ones(SHAPE))
