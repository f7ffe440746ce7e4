"""Compiled TorchScript is one op: named, its parameters counted, its output known, its MACs named as uncounted."""

import pytest
import torch
from torch import nn

from convwright.analysis.analyze import analyze
from convwright.errors import ConvwrightError
from convwright.graph import trace

pytestmark = pytest.mark.filterwarnings("ignore:.*is deprecated:FutureWarning")
SHAPE = (1, 3, 8, 8)


def plain() -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU())


COMPILERS = {
    "script": torch.jit.script,
    "trace": lambda net: torch.jit.trace(net.eval(), torch.rand(SHAPE), check_trace=False),
}


@pytest.mark.parametrize("compiler", COMPILERS.values(), ids=COMPILERS)
def test_at_the_root(compiler) -> None:
    net = compiler(plain()).eval()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    found = analyze(net, SHAPE)
    (op,) = found.graph.ops
    assert (op.kind, op.path, op.output.shape) == ("torchscript", "", (1, 4, 6, 6))
    assert found.totals.parameters == 4 * 27 + 4 + 2 * 4 == found.parameters.per_op[0]
    assert found.parameters.unused == ()
    assert [row.kind for row in found.macs.uncounted] == ["torchscript"]
    assert found.memory.assumed == ("torchscript",)
    assert found.fields.unknown == (op,)
    assert found.totals.receptive_field_px == (8, 8)
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())  # though train mode ran
    assert net(torch.rand(SHAPE)).shape == (1, 4, 6, 6)


def test_inside_among_modules_that_are_seen() -> None:
    net = nn.Sequential(nn.Conv2d(3, 3, 1), torch.jit.script(plain()), nn.Conv2d(4, 2, 1)).eval()
    found = analyze(net, SHAPE)
    assert [(op.kind, op.path) for op in found.graph] == [("conv2d", "0"), ("torchscript", "1"), ("conv2d", "2")]
    assert found.totals.macs == 64 * 9 + 36 * 8  # of the two that are seen
    assert found.totals.parameters == sum(weight.numel() for weight in net.parameters())
    assert found.graph.depends_on_mode  # who knows what is inside


def test_a_compiled_function() -> None:
    @torch.jit.script
    def product(x, weight):
        return torch.relu(x @ weight)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.ones(5, 2))

        def forward(self, x):
            return product(x, weight=self.weight) + 1

    found = analyze(Net(), (3, 5))
    assert [op.kind for op in found.graph] == ["torchscript", "add"]
    assert found.graph.ops[0].parameters == ("weight",)
    assert found.graph.outputs[""].shape == (3, 2)
    assert product(torch.ones(3, 5), torch.ones(5, 2)).shape == (3, 2)  # as before


def test_arguments_are_those_of_its_schema() -> None:
    class Two(nn.Module):
        def forward(self, x: torch.Tensor, scale: float = 2.0) -> dict[str, torch.Tensor]:
            return {"scaled": x * scale}

    net = torch.jit.script(Two())
    assert trace(net, {"x": (2, 3), "scale": 3.0}).outputs["scaled"].shape == (2, 3)
    with pytest.raises(ConvwrightError, match=r"expected \(x: torch.Tensor, scale=2.0\)"):
        trace(net, {"y": (2, 3)})


def test_without_computing_it_is_an_error() -> None:
    with pytest.raises(ConvwrightError, match=r"torchscript.*let the trace compute"):
        trace(torch.jit.script(plain()), SHAPE, values=False)
