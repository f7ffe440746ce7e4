"""One kind for one operation, whatever way it is called."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from convwright.graph import trace
from convwright.graph.kinds import kind_of

SMALL = (1, 3, 16, 16)


class Call(nn.Module):
    def __init__(self, function: Any) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Any:
        return self.function(x)


@pytest.mark.parametrize(
    ("kind", "spellings"),
    [
        ("relu", [F.relu, torch.relu, Tensor.relu, torch.relu_, nn.ReLU(), nn.ReLU(inplace=True), torch.ops.aten.relu]),
        ("add", [lambda x: x + x, lambda x: torch.add(x, x), lambda x: x.add_(x), lambda x: 1 + x]),
        ("sub", [lambda x: 1 - x, lambda x: x - 1, lambda x: torch.rsub(x, 1), lambda x: torch.subtract(x, 1)]),
        ("div", [lambda x: 1 / x, lambda x: x / 2, lambda x: torch.true_divide(x, 2), lambda x: x.div_(2)]),
        ("cat", [lambda x: torch.cat([x, x]), lambda x: torch.concat((x, x)), lambda x: torch.concatenate([x, x], 1)]),
        ("max_pool2d", [nn.MaxPool2d(2), lambda x: F.max_pool2d(x, 2), lambda x: torch.max_pool2d(x, 2)]),
        ("max_pool2d", [lambda x: F.max_pool2d(x, 2, return_indices=True)[0]]),
        ("flatten", [nn.Flatten(), torch.flatten, lambda x: x.flatten(1)]),
        ("dropout", [nn.Dropout(), F.dropout, lambda x: torch.dropout(x, 0.5, False), nn.Dropout(inplace=True)]),
        ("softmax", [nn.Softmax(1), lambda x: F.softmax(x, -1), lambda x: x.softmax(1)]),
        ("matmul", [lambda x: x @ x, lambda x: torch.matmul(x, x)]),
        ("getitem", [lambda x: x[:, 0], lambda x: x[..., :2]]),
        ("sigmoid", [nn.Sigmoid(), torch.sigmoid, F.sigmoid, Tensor.sigmoid_, torch.special.expit]),
        ("interpolate", [nn.Upsample(scale_factor=2), lambda x: F.interpolate(x, size=4, mode="bilinear")]),
        ("linear", [nn.Linear(16, 2), lambda x: F.linear(x, torch.ones(2, 16))]),
        ("conv2d", [nn.Conv2d(3, 2, 3), lambda x: torch.conv2d(x, torch.ones(2, 3, 1, 1))]),
    ],
)
def test_one_kind_for_every_spelling(kind: str, spellings: list[Any]) -> None:
    for spelling in spellings:
        graph = trace(Call(spelling).eval(), SMALL)
        assert [op.kind for op in graph.ops] == [kind]
        assert graph.ops[0].output.shape == tuple(spelling(torch.ones(SMALL)).shape)


def test_loose_tensors_are_operands_too() -> None:
    for spelling in (lambda x: torch.einsum("nchw,ncij->nhi", x, x), lambda x: torch.einsum("nchw,ncij->nhi", [x, x])):
        op = trace(Call(spelling), SMALL).ops[0]
        assert (op.args["equation"], len(op.inputs)) == ("nchw,ncij->nhi", 2)
    assert len(trace(Call(lambda x: torch.broadcast_tensors(x, x[:1])), SMALL).ops[-1].inputs) == 2


def test_reflected_operators_keep_their_order() -> None:
    op = trace(Call(lambda x: 1 - x), SMALL).ops[0]
    assert op.args["input"] == 1
    assert op.args["other"] is op.inputs[0]


@pytest.mark.parametrize(
    ("function", "name", "inplace"),
    [
        (Tensor.__iadd__, "add", True),
        (Tensor.__itruediv__, "div", True),
        (Tensor.__and__, "bitwise_and", False),
        (Tensor.__invert__, "bitwise_not", False),
        (Tensor.__setitem__, "setitem", True),
        (Tensor.T.__get__, "t", False),  # type: ignore[attr-defined]
        (F.adaptive_max_pool2d_with_indices, "adaptive_max_pool2d", False),
        (torch.ops.aten.conv2d.default, "conv2d", False),
        (F.relu_, "relu", True),
        (torch.swapaxes, "transpose", False),
    ],
)
def test_kinds(function: Any, name: str, inplace: bool) -> None:
    assert kind_of(function)[0] == name
    assert kind_of(function).inplace is inplace
