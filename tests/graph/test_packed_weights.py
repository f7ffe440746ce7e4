"""Quantized layers: weights that torch packs are counted, and cost what they cost as floats."""

import pytest
import torch
from torch import nn

from convwright.analysis.analyze import analyze
from convwright.graph import trace

pytestmark = pytest.mark.filterwarnings("ignore")  # torch.ao says that it will move


def quantized(net: nn.Module, shape: tuple[int, ...], fused: list[list[str]]) -> nn.Module:
    """The network in eager mode's static quantization, between a quantization and its opposite."""
    from torch.ao import quantization

    net = quantization.fuse_modules(net.eval(), fused) if fused else net.eval()
    net.qconfig = quantization.get_default_qconfig("fbgemm")
    torch.backends.quantized.engine = "fbgemm"
    stubs = quantization.QuantStub(net.qconfig), quantization.DeQuantStub(net.qconfig)
    prepared = quantization.prepare(nn.Sequential(stubs[0], net, stubs[1]))
    prepared(torch.rand(shape))
    return quantization.convert(prepared)


def test_dynamically_quantized_linear_layers() -> None:
    net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 4, bias=False))
    dynamic = torch.ao.quantization.quantize_dynamic(net, {nn.Linear}, dtype=torch.qint8)
    found = analyze(dynamic, (2, 8))
    assert [op.kind for op in found.graph if op.kind != "to"] == [
        "quantized_linear_dynamic",
        "relu",
        "quantized_linear_dynamic",
    ]
    assert found.totals.parameters == 8 * 16 + 16 + 16 * 4
    assert found.totals.trainable_parameters == 0
    assert found.parameters.unused == ()
    assert found.totals.macs == 2 * (8 * 16 + 16 * 4) == analyze(net, (2, 8)).totals.macs
    assert found.totals.flops == 2 * found.totals.macs + 2 * 16 + 2 * 16  # the bias and the relu
    assert not found.macs.uncounted


def test_a_dynamically_quantized_lstm_is_named_and_its_weights_are_counted() -> None:
    net = nn.LSTM(5, 7)
    dynamic = torch.ao.quantization.quantize_dynamic(nn.Sequential(net), {nn.LSTM}, dtype=torch.qint8)
    found = analyze(dynamic, (6, 2, 5))
    assert [row.kind for row in found.macs.uncounted] == ["quantized_lstm"]
    assert found.totals.parameters == sum(weight.numel() for weight in net.parameters())
    assert dynamic(torch.rand(6, 2, 5))[0].shape == found.graph.outputs["0"].shape


def test_statically_quantized_convolutions() -> None:
    plain = nn.Sequential(nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.ReLU(), nn.Conv2d(8, 8, 3, groups=2))
    expected = analyze(plain, (1, 3, 16, 16))
    net = quantized(plain, (1, 3, 16, 16), [["0", "1"]])
    found = analyze(net, (1, 3, 16, 16))
    kinds = ["quantize_per_tensor", "quantized_conv2d_relu", "quantized_conv2d", "dequantize"]
    assert [op.kind for op in found.graph] == kinds
    assert found.totals.macs == expected.totals.macs
    assert found.totals.parameters == expected.totals.parameters
    assert found.totals.receptive_field_px == expected.totals.receptive_field_px == (7, 7)
    assert (found.macs.uncounted, found.fields.unknown, found.parameters.unused) == ((), (), ())
    assert found.graph.ops[1].output.dtype == torch.uint8  # one byte an element
    assert found.graph.ops[1].args["stride"] == (2, 2)
    assert found.graph.ops[2].args["groups"] == 2


def test_the_model_computes_as_before() -> None:
    net = quantized(nn.Sequential(nn.Conv2d(3, 4, 3)), (1, 3, 8, 8), [])
    x = torch.rand(1, 3, 8, 8)
    before = net(x)
    trace(net, (1, 3, 8, 8))
    assert torch.equal(net(x), before)
