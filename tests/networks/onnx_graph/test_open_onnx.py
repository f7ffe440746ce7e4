"""A network that torch exported to ONNX has the facts of the network that was exported."""

import warnings

import numpy as np
import pytest
import torch
from onnx import helper
from torch import nn

from convwright.analysis.analyze import analyze
from convwright.errors import ConvwrightError
from convwright.networks import NetworkName, open_network


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
        self.block = nn.Conv2d(8, 8, 5, padding=2, groups=8)
        self.up = nn.Upsample(scale_factor=2, mode="bilinear")
        self.head = nn.Linear(16, 4)

    def forward(self, x):
        x = self.stem(x)
        x = torch.cat([x, self.up(self.block(x)[..., ::2, ::2])], 1)
        return self.head(x.mean((2, 3)))


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    model, path = Net().eval(), tmp_path_factory.mktemp("onnx") / "net.onnx"
    with warnings.catch_warnings(action="ignore"):  # of the exporter that needs no compiler: it is seconds faster
        torch.onnx.export(model, (torch.randn(1, 3, 16, 16),), path, dynamo=False)
    return model, str(path)


def test_it_has_the_facts_of_what_was_exported(exported):
    model, path = exported
    network = open_network(NetworkName(text=path))
    found, wanted = analyze(network.module.eval(), network.example_inputs), analyze(model, (1, 3, 16, 16))
    assert found.totals.parameters == wanted.totals.parameters
    assert found.totals.macs == wanted.totals.macs
    assert found.totals.receptive_field_px == wanted.totals.receptive_field_px
    assert found.macs.uncounted == ()
    assert {"stem.0", "stem.2", "block"} <= {op.path for op in found.graph}
    x = torch.randn(1, 3, 16, 16)
    torch.testing.assert_close(network.module(x), model(x))


def test_sizes_that_are_open_are_assumed(saved):
    x = np.zeros((1, 3, 8, 8), dtype=np.float32)
    path = saved([helper.make_node("Relu", ["x"], ["y"])], {"x": x})
    import onnx

    model = onnx.load(path)
    for axis in (0, 3):
        model.graph.input[0].type.tensor_type.shape.dim[axis].dim_param = "batch" if axis == 0 else "width"
    onnx.save(model, path)
    network = open_network(NetworkName(text=path))
    assert [str(each) for each in network.inputs] == ["1x3x8x224"]
    assert "224 for the size width of input x, which is open" in network.assumptions


def test_weights_that_are_computed_from_weights_are_parameters(saved):
    nodes = [
        helper.make_node("DequantizeLinear", ["w", "scale"], ["real"]),
        helper.make_node("Transpose", ["real"], ["turned"]),
        helper.make_node("MatMul", ["x", "turned"], ["z"]),
        helper.make_node("Mul", ["z", "two"], ["y"]),
    ]
    weight = np.ones((5, 4), dtype=np.int8)
    x = np.ones((1, 4), dtype=np.float32)
    path = saved(nodes, {"x": x}, w=weight, scale=np.float32(0.5), two=np.float32(2))
    network = open_network(NetworkName(text=path))
    assert [(name, each.shape) for name, each in network.module.named_parameters()] == [("MatMul.weight", (4, 5))]
    assert network.module(torch.from_numpy(x)).tolist() == [[4.0] * 5]


def test_a_file_that_is_none_is_an_error(tmp_path):
    with pytest.raises(ConvwrightError, match=r"nothing\.onnx does not exist"):
        open_network(NetworkName(text="nothing.onnx"))
    path = tmp_path / "text.onnx"
    path.write_text("no graph")
    with pytest.raises(ConvwrightError, match=r"text\.onnx cannot be read as a network of ONNX"):
        open_network(NetworkName(text=str(path)))


def test_without_onnx_the_error_names_the_extra(tmp_path, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "convwright.networks.onnx_graph", None)
    for name in [each for each in sys.modules if each.startswith("convwright.networks.onnx_graph.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(sys.modules, "convwright.networks.onnx_graph")
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ConvwrightError, match=r"onnx is not installed.*convwright\[export\]"):
        open_network(NetworkName(text=str(tmp_path / "net.onnx")))
