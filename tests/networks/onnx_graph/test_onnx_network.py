"""The graph of a file as modules: values are passed on, dropped, and shared as the file says."""

import copy

import numpy as np
import pytest
import torch
from onnx import helper

from convwright.errors import ConvwrightError
from convwright.graph.trace import trace
from convwright.networks import NetworkName, open_network

X = np.ones((1, 4), dtype=np.float32)
WEIGHT = np.arange(16, dtype=np.float32).reshape(4, 4)


@pytest.fixture
def network(saved):
    nodes = [
        helper.make_node("Identity", ["w"], ["same"]),
        helper.make_node("MatMul", ["x", "w"], ["a"]),
        helper.make_node("MatMul", ["a", "same"], ["b"]),
        helper.make_node("Shape", ["x"], ["sizes"]),
        helper.make_node("Reshape", ["b", "sizes"], ["c"]),
        helper.make_node("Add", ["c", "a"], ["y"]),
    ]
    return open_network(NetworkName(text=saved(nodes, {"x": X}, ("y", "a"), w=WEIGHT))).module


def test_it_computes_the_graph(network):
    x, weight = torch.from_numpy(X), torch.from_numpy(WEIGHT)
    for each in (network, copy.deepcopy(network)):
        last, first = each(x)
        assert torch.equal(first, x @ weight)
        assert torch.equal(last, x @ weight @ weight + first)
    assert torch.equal(network(x=x)[0], last)


def test_a_weight_that_is_used_twice_is_one_parameter(network):
    assert [each.shape for each in network.parameters()] == [(4, 4)]
    assert next(iter(trace(network, (1, 4)).parameters.values())).names == ("MatMul.weight", "MatMul_1.weight")


def test_what_follows_from_shapes_is_no_op(network):
    assert [op.kind for op in trace(network, (3, 4))] == ["matmul", "matmul", "reshape", "add"]


def test_other_inputs_are_an_error(network):
    with pytest.raises(ConvwrightError, match="inputs of the ONNX file"):
        network()
