"""Words for ops."""

import pytest
import torch.nn.functional as F
from torch import nn

from convwright.graph import trace
from convwright.linter import patterns


def ops(*layers, shape=(1, 8, 9, 9)):
    return trace(nn.Sequential(*layers), shape).ops


def test_convolutions():
    full, depthwise, pointwise, grouped = ops(
        nn.Conv2d(8, 8, 3), nn.Conv2d(8, 16, 3, groups=8), nn.Conv2d(16, 4, 1), nn.Conv2d(4, 4, 1, groups=2)
    )
    assert [patterns.is_depthwise(op) for op in (full, depthwise, pointwise, grouped)] == [False, True, False, False]
    assert [patterns.is_pointwise(op) for op in (full, depthwise, pointwise, grouped)] == [False, False, True, True]
    assert (patterns.in_channels(depthwise), patterns.out_channels(depthwise)) == (8, 16)
    (single,) = ops(nn.Conv2d(1, 4, 3), shape=(1, 1, 9, 9))
    assert not patterns.is_depthwise(single)


def test_features_of_a_linear_layer_are_the_last_axis():
    (op,) = ops(nn.Linear(5, 7), shape=(2, 3, 5))
    assert (patterns.in_channels(op), patterns.out_channels(op)) == (5, 7)


def test_windows_and_strides():
    dilated, pool = ops(nn.Conv2d(8, 8, (3, 1), dilation=2), nn.MaxPool2d(3, stride=(1, 2)))
    assert patterns.window(dilated) == (5, 1)
    assert not patterns.is_strided(dilated)
    assert patterns.window(pool) == (3, 3)
    assert patterns.is_strided(pool)


@pytest.mark.parametrize(
    ("layer", "is_global"),
    [
        (nn.AdaptiveAvgPool2d(1), True),
        (nn.AvgPool2d(9), True),
        (nn.AdaptiveMaxPool2d(1), True),
        (nn.AdaptiveAvgPool2d(2), False),
        (nn.ReLU(), False),
    ],
)
def test_global_pools(layer, is_global):
    (op,) = ops(layer)
    assert patterns.is_global_pool(op) == is_global


def test_a_pool_of_what_is_one_pixel_already_is_not_global():
    (op,) = ops(nn.AdaptiveAvgPool2d(1), shape=(1, 8, 1, 1))
    assert not patterns.is_global_pool(op)


def test_every_activation_of_torch_that_is_named_exists():
    assert [name for name in patterns.RECTIFIERS if not hasattr(F, name)] == []
    assert patterns.spatial(ops(nn.ReLU())[0].output) == (9, 9)
