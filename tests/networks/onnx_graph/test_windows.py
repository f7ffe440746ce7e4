"""Windows, products and norms compute what ONNX's reference implementation computes."""

import numpy as np
import pytest
import torch
from onnx import helper

from convwright.networks import NetworkName, open_network

RANDOM = np.random.default_rng(1)


def weights(*sizes):
    return RANDOM.standard_normal(sizes).astype(np.float32)


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"strides": [2, 1], "pads": [1, 0, 1, 0], "dilations": [1, 2]},
        {"pads": [0, 1, 2, 1]},
        {"auto_pad": "SAME_UPPER", "strides": [2, 2]},
        {"auto_pad": "SAME_LOWER"},
    ],
    ids=str,
)
def test_convolutions(agrees, image, attributes):
    agrees("Conv", [image], constants=[weights(6, 2, 3, 2), weights(6)], group=2, **attributes)


def test_convolutions_of_other_axes(agrees, image):
    agrees("Conv", [image[..., 0]], constants=[weights(5, 4, 3)])
    agrees("Conv", [image[..., None]], constants=[weights(5, 4, 3, 3, 1)])


@pytest.mark.parametrize(
    "attributes", [{"strides": [2, 2]}, {"pads": [1, 1, 0, 0], "strides": [2, 2]}, {"pads": [0, 0, 1, 1]}], ids=str
)
def test_transposed_convolutions(agrees, image, attributes):
    agrees("ConvTranspose", [image], constants=[weights(4, 3, 3, 3)], **attributes)


@pytest.mark.parametrize("op_type", ["MaxPool", "AveragePool"])
@pytest.mark.parametrize("attributes", [{}, {"strides": [2, 2], "ceil_mode": 1}, {"pads": [1, 1, 1, 1]}], ids=str)
def test_pooling(agrees, image, op_type, attributes):
    agrees(op_type, [image], kernel_shape=[3, 2], **attributes)


def test_a_maximum_over_one_padded_end(saved, image):
    node = helper.make_node("MaxPool", ["x"], ["y"], kernel_shape=[3, 2], pads=[0, 0, 1, 1])
    network = open_network(NetworkName(text=saved([node], {"x": image})))
    padded = np.pad(image, ((0, 0), (0, 0), (0, 1), (0, 1)), constant_values=-np.inf)
    wanted = np.lib.stride_tricks.sliding_window_view(padded, (3, 2), axis=(2, 3)).max((-1, -2))
    np.testing.assert_array_equal(network.module(torch.from_numpy(image)).numpy(), wanted)


def test_pooling_of_whole_maps(agrees, image):
    agrees("GlobalAveragePool", [image])
    agrees("GlobalMaxPool", [image])


def test_products(agrees, image):
    flat = image.reshape(2, -1)
    agrees("Gemm", [flat], constants=[weights(5, 168), weights(5)], transB=1)
    agrees("Gemm", [flat], constants=[weights(168, 5), weights(5)], alpha=0.5, beta=2.0)
    agrees("MatMul", [image], constants=[weights(7, 3)])
    agrees("Einsum", [image, image], equation="bchw,bcij->bhwij")


def test_norms(agrees, image):
    four = weights(4), weights(4)
    agrees("BatchNormalization", [image], constants=[*four, weights(4), weights(4) ** 2 + 0.1])
    agrees("InstanceNormalization", [image], constants=four)
    agrees("LayerNormalization", [image], constants=[weights(7), weights(7)])
    agrees("GroupNormalization", [image], constants=four, num_groups=2, opset=21)
    agrees("LRN", [np.concatenate([image, image])], size=3)  # the reference takes images for channels
    agrees("LpNormalization", [image], axis=1)


def test_a_pass_in_train_mode_is_computed_under_its_own_name(agrees, image):
    constants = [weights(4), weights(4), weights(4), weights(4) ** 2]
    agrees("BatchNormalization", [image], constants=constants, training_mode=1, outputs=3)
