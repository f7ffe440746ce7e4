"""Questions a graph answers: who made, who reads, what was built where."""

import dataclasses
import json
from multiprocessing.reduction import ForkingPickler

import pytest
import torch
from torch import Tensor, nn

import convwright.child_process  # noqa: F401 - lets read-only mappings be pickled
from convwright.graph import Graph, trace


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.unused = nn.Linear(2, 2)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        y = self.norm(self.conv(x))
        return (x + y).relu(), y


@pytest.fixture(scope="module")
def graph() -> Graph:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), Residual())
    model[1].norm.weight.requires_grad_(False)
    return trace(model.eval(), (2, 3, 8, 8))


def test_producers_and_consumers(graph: Graph) -> None:
    stem, conv, norm, add, relu = graph.ops
    assert graph.consumers(stem.output) == (conv, add)
    assert graph.producer(conv.output) is conv
    assert graph.producer(graph.inputs[0]) is None
    assert graph.sole_consumer(conv) is norm
    assert graph.sole_consumer(stem) is None
    assert graph.sole_consumer(norm) is None
    assert graph.sole_consumer(relu) is None
    assert graph.is_output(norm.output)
    assert list(graph) == list(graph.ops)


def test_a_value_read_twice_by_one_op_has_one_consumer() -> None:
    graph = trace(nn.Bilinear(3, 3, 2), [(2, 3), (2, 3)])
    assert [len(graph.consumers(tensor)) for tensor in graph.inputs] == [1, 1]


def test_tables(graph: Graph) -> None:
    assert list(graph.modules) == ["", "0", "1", "1.conv", "1.norm", "1.unused"]
    assert [row.num_calls for row in graph.modules.values()] == [1, 1, 1, 1, 1, 0]
    assert graph.modules["1.norm"].type == "BatchNorm2d"
    assert not graph.modules["1"].is_leaf
    assert not graph.modules["1"].training
    assert not graph.parameters["1.norm.weight"].trainable
    assert graph.parameters["0.weight"].numel == 108
    assert graph.parameters["0.weight"].nbytes == 432
    assert graph.parameters["0.weight"].dtype == torch.float32
    assert graph.buffers["1.norm.running_mean"].shape == (4,)


def test_parameters_of_an_op(graph: Graph) -> None:
    assert graph.ops[0].parameters == ("0.weight", "0.bias")
    assert graph.ops[0].has_bias
    assert graph.ops[0].args["weight"] is graph.parameters["0.weight"].tensor
    assert graph.ops[2].parameters == ("1.norm.weight", "1.norm.bias")
    assert graph.ops[2].args["running_mean"].role == "buffer"


def test_ops_of_a_module(graph: Graph) -> None:
    assert [op.kind for op in graph.ops_in("1")] == ["conv2d", "batch_norm", "add", "relu"]
    assert graph.ops_in("1.conv") == (graph.ops[1],)
    assert graph.ops_in("") == graph.ops


def test_places(graph: Graph) -> None:
    assert [op.place.line - graph.ops[1].place.line for op in graph.ops[1:]] == [0, 0, 1, 1]  # type: ignore[union-attr]
    assert str(graph.ops[1].place).endswith(f"test_graph.py:{graph.ops[1].place.line}")  # type: ignore[union-attr]
    assert graph.ops[0].place is None  # only torch ran between the model's call and this op
    built = graph.constructed("1.conv")
    assert built is not None
    assert built.line == graph.ops[1].place.line - 5  # type: ignore[union-attr]


def test_a_graph_cannot_be_changed(graph: Graph) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        graph.ops = ()  # type: ignore[misc]
    with pytest.raises(TypeError):
        graph.ops[0].args["stride"] = 2  # type: ignore[index]
    with pytest.raises(TypeError):
        graph.parameters["x"] = None  # type: ignore[index]


def test_as_plain_values(graph: Graph) -> None:
    plain = json.loads(json.dumps(graph.to_dict()))
    assert [op["kind"] for op in plain["ops"]] == [op.kind for op in graph.ops]
    assert plain["ops"][0]["args"]["kernel_size"] == [3, 3]
    assert {tensor["id"] for tensor in plain["tensors"]} >= set(plain["inputs"]) | set(plain["outputs"].values())
    assert plain["modules"][1]["type"] == "Conv2d"
    assert repr(graph) == "<Graph of Sequential: 5 ops, 8 parameters>"


def test_a_graph_travels_without_the_classes_of_its_modules(graph: Graph) -> None:
    sent = ForkingPickler.loads(ForkingPickler.dumps(graph))
    assert sent.to_dict() == graph.to_dict()
    assert sent.modules["1"].type == "Residual"
    assert sent.modules["1"].module_class is not Residual
    assert sent.constructed("1.norm") == graph.constructed("1.norm") is not None
    assert sent.sole_consumer(sent.ops[1]) is sent.ops[2]
