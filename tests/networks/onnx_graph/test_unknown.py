"""An operator that torch has no function for keeps its name and its shape, and its cost is named unknown."""

import numpy as np
import onnx
import pytest
from onnx import helper

from convwright.analysis.analyze import analyze
from convwright.errors import ConvwrightError
from convwright.networks import NetworkName, open_network

IMAGE = np.zeros((1, 3, 8, 8), dtype=np.float32)


def analyzed(path, inputs=None):
    network = open_network(NetworkName(text=path))
    return analyze(network.module.eval(), inputs or network.example_inputs)


def test_its_shape_is_that_of_the_inputs_at_hand(saved):
    path = saved([helper.make_node("LpPool", ["x"], ["y"], kernel_shape=[2, 2], strides=[2, 2])], {"x": IMAGE})
    found = analyzed(path)
    assert [(each.kind, each.output_shape) for each in found.macs.uncounted] == [("LpPool", (1, 3, 4, 4))]
    assert analyzed(path, (2, 3, 12, 8)).macs.uncounted[0].output_shape == (2, 3, 6, 4)
    assert found.fields.unknown


def test_a_shape_that_depends_on_numbers_is_computed(saved):
    path = saved([helper.make_node("NonZero", ["x"], ["z"]), helper.make_node("Shape", ["z"], ["y"])], {"x": IMAGE})
    network = open_network(NetworkName(text=path))
    found = analyze(network.module.eval(), network.example_inputs)
    assert found.graph.depends_on_values
    assert [op.output.shape for op in found.graph] == [(4, 3 * 8 * 8)]


def test_an_operator_of_another_set_has_the_shape_that_the_file_declares(tmp_path):
    infos = [helper.make_tensor_value_info(name, 1, [1, 3, 8, 8]) for name in "xy"]
    graph = helper.make_graph([helper.make_node("Warp", ["x"], ["y"], domain="mine")], "net", infos[:1], infos[1:])
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid("mine", 1)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=9), tmp_path / "net.onnx")
    found = analyzed(str(tmp_path / "net.onnx"))
    assert [(each.kind, each.output_shape) for each in found.macs.uncounted] == [("Warp", (1, 3, 8, 8))]


def test_a_graph_inside_of_a_node_is_an_error(saved):
    infos = [helper.make_tensor_value_info("z", 1, [1])]
    inner = helper.make_graph([helper.make_node("Identity", ["x"], ["z"])], "inner", [], infos)
    path = saved([helper.make_node("If", ["x"], ["y"], then_branch=inner, else_branch=inner)], {"x": np.array([True])})
    with pytest.raises(ConvwrightError, match="If of the ONNX file holds graphs of its own"):
        analyzed(path)
