"""Nodes of ONNX, computed by the modules of a file and by ONNX's reference implementation."""

import numpy as np
import onnx
import pytest
import torch
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from convwright.networks import NetworkName, open_network
from convwright.networks.onnx_graph.node_call import as_tensor


@pytest.fixture
def saved(tmp_path):
    """Write a graph: nodes, inputs as arrays by name, constants by name, names of outputs."""

    def save(nodes, inputs, outputs=("y",), *, opset=20, **constants):
        infos = [
            helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)
            for name, array in inputs.items()
        ]
        known = [numpy_helper.from_array(np.asarray(array), name) for name, array in constants.items()]
        graph = helper.make_graph(nodes, "net", infos, [onnx.ValueInfoProto(name=name) for name in outputs], known)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)
        path = tmp_path / "net.onnx"
        onnx.save(model, path)
        return str(path)

    return save


@pytest.fixture
def agrees(saved):
    """Check that one node computes what ONNX's reference implementation does; return the kinds of its ops."""

    def check(op_type, inputs, *, constants=(), opset=20, outputs=1, **attributes):
        names = [f"x{place}" for place in range(len(inputs))]
        known = {f"c{place}": np.asarray(array) for place, array in enumerate(constants)}
        results = [f"y{place}" for place in range(outputs)]
        node = helper.make_node(op_type, [*names, *known], results, **attributes)
        arrays = dict(zip(names, inputs, strict=True))
        path = saved([node], arrays, results, opset=opset, **known)
        network = open_network(NetworkName(text=path))
        with torch.no_grad():
            found = network.module.eval()(*map(as_tensor, arrays.values()))
        wanted = ReferenceEvaluator(path).run(None, arrays)
        for ours, theirs in zip(found if isinstance(found, tuple) else [found], wanted, strict=True):
            np.testing.assert_allclose(ours.numpy(), theirs, rtol=1e-4, atol=1e-5)
            assert ours.numpy().dtype == theirs.dtype
        return network

    return check


@pytest.fixture
def image():
    return np.random.default_rng(0).standard_normal((2, 4, 6, 7)).astype(np.float32)
