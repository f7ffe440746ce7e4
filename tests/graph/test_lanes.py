"""`torch.vmap` in a forward: shapes and costs are those of the lanes, as arithmetic and torch's counter have them."""

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from convwright.analysis.analyze import analyze
from convwright.graph import trace


class OverFrames(nn.Module):
    """A convolution of each frame of (batch, channels, frames, height, width)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.over_frames = torch.vmap(lambda frame: torch.relu(self.conv(frame)), in_dims=2, out_dims=-1)

    def forward(self, x):
        return self.over_frames(x)


class Ensemble(nn.Module):
    """Members with weights of their own, run over one input by `functional_call`."""

    def __init__(self) -> None:
        super().__init__()
        self.member = nn.Linear(6, 4)
        self.weights = nn.Parameter(torch.zeros(5, 4, 6))

    def forward(self, x):
        def run(weight, x):
            return torch.func.functional_call(self.member, {"weight": weight}, (x,))

        return torch.vmap(run, in_dims=(0, None))(self.weights, x)


class Nested(nn.Module):
    def forward(self, x, y):
        inner = torch.vmap(torch.dot)
        both = torch.func.vmap(lambda a, b: (inner(a, b), a.sum()), chunk_size=2)(x, y)
        return {"products": both[0], "sums": both[1]}


def test_each_lane_is_an_op_of_its_own() -> None:
    net = OverFrames()
    graph = trace(net, (2, 3, 4, 10, 10))
    assert [op.kind for op in graph] == ["vmap", *["conv2d", "relu"] * 4, "stack"]
    x = torch.rand(2, 3, 4, 10, 10)
    assert graph.outputs[""].shape == tuple(net(x).shape) == (2, 8, 8, 8, 4)
    assert {op.path for op in graph.ops if op.kind == "conv2d"} == {"conv"}
    assert not list(trace(OverFrames(), (2, 3, 4, 10, 10)).depends_on_values)


@pytest.mark.parametrize(
    ("net", "shapes", "macs"),
    [
        (OverFrames(), [(2, 3, 4, 10, 10)], 4 * 2 * 8 * 8 * 8 * 27),
        (Ensemble(), [(7, 6)], 5 * 7 * 6 * 4),
        (Nested(), [(3, 4, 5), (3, 4, 5)], 3 * 4 * 5),
    ],
    ids=["frames", "ensemble", "nested"],
)
def test_macs_are_those_of_all_lanes(net: nn.Module, shapes: list[tuple[int, ...]], macs: int) -> None:
    found = analyze(net, shapes)
    assert found.totals.macs == macs
    assert not found.macs.uncounted
    inputs = [torch.rand(shape) for shape in shapes]
    expected = net(*inputs)
    outputs = expected if isinstance(expected, dict) else {"": expected}
    assert {name: each.shape for name, each in found.graph.outputs.items()} == {
        name: tuple(each.shape) for name, each in outputs.items()
    }
    if not isinstance(net, Nested):  # torch's counter knows no dot
        with FlopCounterMode(display=False) as counter:
            net(*inputs)
        assert counter.get_total_flops() == 2 * macs


def test_field_of_a_lane_is_that_of_its_convolution() -> None:
    found = analyze(OverFrames(), (1, 3, 4, 10, 10))
    conv = next(op for op in found.graph if op.kind == "conv2d")
    frames = found.fields.axes.index(2) if 2 in found.fields.axes else None
    seen = found.fields[conv.index].receptive_field_px
    assert [size for place, size in enumerate(seen) if place != frames] == [3, 3]


def test_memory_is_said_to_be_an_estimate() -> None:
    assert "vmap" in analyze(OverFrames(), (2, 3, 4, 10, 10)).memory.assumed


def test_refuses_what_vmap_refuses() -> None:
    class Uneven(nn.Module):
        def forward(self, x, y):
            return torch.vmap(torch.add)(x, y)

    with pytest.raises(Exception, match="same size in the mapped dimension"):
        trace(Uneven(), [(3, 4), (2, 4)])
    assert torch.vmap(torch.sin)(torch.zeros(3)).shape == (3,)  # as torch has it, outside a trace
