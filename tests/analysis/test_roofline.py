"""The roofline of a network, against figures worked out by hand."""

import pytest
from torch import nn

from convwright.analysis.roofline import Machine, bytes_moved, measure_machine, roofline
from convwright.graph import trace


def graph_of(*layers, shape):
    return trace(nn.Sequential(*layers).eval(), shape)


def test_an_op_moves_what_it_reads_and_writes_and_a_view_nothing():
    graph = graph_of(nn.Conv2d(3, 8, 3, padding=1, bias=False), nn.Flatten(), shape=(1, 3, 4, 4))
    conv, flatten = graph.ops
    assert bytes_moved(conv) == 4 * (3 * 16 + 8 * 3 * 9 + 8 * 16)  # image, weight, map, in float32
    assert bytes_moved(flatten) == 0


def test_each_op_takes_the_longer_of_computing_and_moving():
    graph = graph_of(nn.Conv2d(4, 4, 1, bias=False), nn.ReLU(), shape=(1, 4, 10, 10))
    machine = Machine(macs_per_second=1000.0, bytes_per_second=4000.0)
    found = roofline(graph, [1600, 0], machine)
    conv_bytes, relu_bytes = 4 * (400 + 16 + 400), 4 * 800
    assert found.bytes_moved == conv_bytes + relu_bytes
    assert found.bound_seconds == pytest.approx(max(1.6, conv_bytes / 4000) + relu_bytes / 4000)
    assert found.memory_bound_share == pytest.approx((relu_bytes / 4000) / found.bound_seconds)
    assert found.macs_per_byte == pytest.approx(1600 / found.bytes_moved)


def test_a_depthwise_convolution_is_less_intense_than_a_dense_one():
    machine = Machine(macs_per_second=1e9, bytes_per_second=1e9)
    dense = roofline(graph_of(nn.Conv2d(32, 32, 3), shape=(1, 32, 16, 16)), [32 * 32 * 9 * 196], machine)
    depthwise = roofline(graph_of(nn.Conv2d(32, 32, 3, groups=32), shape=(1, 32, 16, 16)), [32 * 9 * 196], machine)
    assert dense.macs_per_byte > 10 * depthwise.macs_per_byte


def test_this_machine_can_be_measured():
    machine = measure_machine()
    assert machine.macs_per_second > 1e8
    assert machine.bytes_per_second > 1e8
