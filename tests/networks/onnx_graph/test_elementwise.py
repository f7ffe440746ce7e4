"""Element-wise operators and reductions compute what ONNX's reference implementation computes."""

import numpy as np
import pytest
import torch
from onnx import helper

from convwright.graph.trace import trace
from convwright.networks import NetworkName, open_network

UNARY = """
    Abs Atan Ceil Cos Erf Exp Floor HardSwish Identity IsInf IsNaN Mish Neg Reciprocal Relu Round Sigmoid Sign Sin
    Softplus Softsign Tanh Celu Elu Gelu HardSigmoid LeakyRelu Selu Softmax LogSoftmax
"""
REDUCED = ["L1", "L2", "LogSumExp", "Max", "Mean", "Min", "Sum", "SumSquare"]


@pytest.mark.parametrize("op_type", UNARY.split())
def test_of_one_tensor(agrees, image, op_type):
    agrees(op_type, [image])


@pytest.mark.parametrize("op_type", ["Add", "Sub", "Mul", "Div", "Max", "Min", "Sum", "Mean", "Greater", "LessOrEqual"])
def test_of_two_tensors(agrees, image, op_type):
    agrees(op_type, [image, image[:, :1] + 2])


def test_of_numbers(agrees, image):
    agrees("Add", [image], constants=[np.float32(3)])
    agrees("Div", [np.array([7, -7], dtype=np.int64)], constants=[np.int64(2)])
    agrees("Mod", [image], constants=[np.float32(2)], fmod=1)
    agrees("Where", [image > 0, image], constants=[np.float32(-1)])
    agrees("Cast", [image], to=7)


@pytest.mark.parametrize("op_type", REDUCED)
def test_reductions(agrees, image, op_type):
    agrees(f"Reduce{op_type}", [image], constants=[np.array([2, 3])], keepdims=0)
    agrees(f"Reduce{op_type}", [image], opset=12, axes=[1])


def test_limits_have_the_names_that_torch_gives_them(agrees, image):
    limits = {"relu6": (0, 6), "hardtanh": (-0.5, 0.5)}
    for kind, pair in limits.items():
        network = agrees("Clip", [3 * image], constants=np.float32(pair))
        assert kinds(network) == [kind]
    assert kinds(agrees("HardSigmoid", [image], alpha=1 / 6)) == ["hardsigmoid"]


def test_softmax_before_version_13_is_over_all_axes_from_one(saved, image):
    node = helper.make_node("Softmax", ["x"], ["y"], axis=2)  # the reference implementation is that of version 13
    network = open_network(NetworkName(text=saved([node], {"x": image}, opset=11)))
    shares = np.exp(image)
    wanted = shares / shares.sum((2, 3), keepdims=True)
    np.testing.assert_allclose(network.module(torch.from_numpy(image)).numpy(), wanted, rtol=1e-5)


def test_slopes_of_channels(agrees, image):
    agrees("PRelu", [image], constants=[np.float32([[[0.1]], [[0.2]], [[0.3]], [[0.4]]])])
    agrees("PRelu", [image], constants=[np.float32([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7])])


def test_what_torch_does_not_have_is_computed_under_its_own_name(agrees, image):
    assert kinds(agrees("CumSum", [image], constants=[np.int64(1)], reverse=1)) == ["CumSum"]


def kinds(network):
    return [op.kind for op in trace(network.module, network.example_inputs)]
