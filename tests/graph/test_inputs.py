"""Arguments of every form, and what each stands for."""

from collections import namedtuple
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.distributions import Categorical, Normal, kl_divergence

from convwright.errors import ConvwrightError
from convwright.graph import trace
from convwright.graph.inputs import Plain

S = (2, 4)
Pair = namedtuple("Pair", "a b")


@dataclass
class Sample:
    image: Any
    count: int


class Called(nn.Module):
    """A network with a layer, and the forward that `called` gives it."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(4, 4)


def called(forward: Any) -> nn.Module:
    net: nn.Module = type("Called", (Called,), {"forward": forward})()
    return net


def scaled(self: Any, x: Any, scale: float = 1.0, *, other: Any = None) -> Any:
    return self.layer(x) * scale + other


def of_mapping(self: Any, batch: Any, twice: bool = False) -> Any:
    return self.layer(batch["x"]) * (2 if twice else 1)


def of_list(self: Any, tensors: Any) -> Any:
    return self.layer(tensors[0]) + tensors[1]


def of_pair(self: Any, pair: Any) -> Any:
    return self.layer(pair.a) + pair.b


def of_sample(self: Any, sample: Sample) -> Any:
    return self.layer(sample.image) * sample.count


def by_words(self: Any, x: Any, mode: str, mask: Any, count: int, dtype: Any) -> Any:
    assert (mode, mask, count) == ("fast", None, 3)
    return self.layer(x).to(dtype)


def gathered(self: Any, x: Any, **options: Any) -> Any:
    return self.layer(x) * options["scale"]


def sized(self: Any, x: Any, size: Any) -> Any:
    return self.layer(x).new_zeros(size)


@pytest.mark.parametrize(
    ("forward", "inputs", "shapes"),
    [
        (scaled, [S, {"scale": 2.0, "other": S}], [S, S]),
        (scaled, {"x": S, "other": S}, [S, S]),
        (of_mapping, {"x": S}, [S]),
        (of_mapping, [{"x": S}], [S]),
        (of_mapping, [{"x": S}, {"twice": True}], [S]),
        (of_list, [S, S], [S, S]),
        (of_list, [[S, S]], [S, S]),
        (of_list, ((S, S),), [S, S]),
        (of_pair, Pair(S, S), [S, S]),
        (of_pair, [Pair(S, S)], [S, S]),
        (of_sample, Sample(S, 3), [S]),
        (by_words, [S, "fast", None, 3, torch.float16], [S]),
        (gathered, [S, {"scale": 2}], [S]),
        (sized, [S, Plain((16, 16))], [S]),
    ],
)
def test_what_forward_is_given(forward: Any, inputs: Any, shapes: list[Any]) -> None:
    net = called(forward)
    graph = trace(net, inputs)
    assert [tensor.shape for tensor in graph.inputs] == shapes
    assert graph.ops[0].kind == "linear"


def test_a_graph_says_what_was_given() -> None:
    given = trace(called(scaled), [S, {"scale": 2.0, "other": S}]).arguments
    assert isinstance(given, tuple)
    assert (given[0].shape, given[1]["scale"], given[1]["other"].shape) == (S, 2.0, S)


def test_numbers_of_nested_inputs_are_read() -> None:
    def forward(self: Any, sample: Sample) -> Any:
        return self.layer(sample.image) if sample.image.sum() > 0 else sample.image

    graph = trace(called(forward), Sample(torch.ones(S), 3))
    assert [op.kind for op in graph] == ["sum", "gt", "linear"]


@pytest.mark.parametrize(
    ("forward", "inputs", "words"),
    [
        (scaled, [np.zeros(S)], "torch.from_numpy"),
        (scaled, "2x4", "expected a shape"),
        (scaled, {"x": S, "size": 3}, "does not take these inputs"),
        (of_list, [], "does not take these inputs"),
        (scaled, [(0, 4)], "sizes of at least 1"),
    ],
)
def test_what_cannot_be_an_input(forward: Any, inputs: Any, words: str) -> None:
    with pytest.raises(ConvwrightError, match=words):
        trace(called(forward), inputs)


def test_distributions_do_not_check_numbers() -> None:
    def forward(self: Any, x: Any) -> Any:
        mean = self.layer(x)
        drawn = Normal(mean, mean.exp()).rsample()
        return Categorical(logits=drawn).entropy() + kl_divergence(Normal(mean, 1.0), Normal(0.0, 1.0)).sum(-1)

    before = torch.distributions.Distribution._validate_args
    graph = trace(called(forward), S)
    assert graph.depends_on_values == ()
    assert next(iter(graph.outputs.values())).shape == (2,)
    assert torch.distributions.Distribution._validate_args is before
