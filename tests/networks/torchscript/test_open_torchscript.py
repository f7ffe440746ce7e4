"""A network that torch.jit.save wrote has the facts of the network that was traced or scripted."""

import pytest
import torch
from torch import nn

from convwright.analysis.analyze import analyze
from convwright.errors import ConvwrightError
from convwright.networks import NetworkName, open_network
from convwright.networks.torchscript import holds_torchscript

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit")  # deprecated, and in use


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, stride=2), nn.BatchNorm2d(8), nn.ReLU(inplace=True))
        self.pool = nn.MaxPool2d(2)
        self.up = nn.ConvTranspose2d(8, 8, 2, stride=2)
        self.head = nn.Linear(8, 4)

    def forward(self, x):
        x = self.stem(x)
        x = x + nn.functional.interpolate(self.up(self.pool(x)), size=x.shape[2:])
        return self.head(x.mean((2, 3))).softmax(-1)


@pytest.mark.parametrize("how", ["traced", "scripted"])
def test_it_has_the_facts_of_what_was_saved(tmp_path, how):
    model, path = Net().eval(), str(tmp_path / "net.pt")
    x = torch.randn(1, 3, 33, 33)
    torch.jit.save(torch.jit.trace(model, x) if how == "traced" else torch.jit.script(model), path)
    network = open_network(NetworkName(text=path))
    found, wanted = analyze(network.module.eval(), tuple(x.shape)), analyze(model, tuple(x.shape))
    assert torch.equal(network.module(x), model(x))
    facts = ("parameters", "macs", "receptive_field_px", "peak_inference_bytes")
    assert [getattr(found.totals, name) for name in facts] == [getattr(wanted.totals, name) for name in facts]
    assert found.macs.uncounted == ()
    assert [op.path for op in found.graph if op.kind == "conv2d"] == ["stem.0"]
    assert found.graph.modules["stem.1"].type == "BatchNorm2d"
    assert any("keeps the path and the mode" in each for each in network.assumptions)


def test_a_file_that_is_none_is_an_error(tmp_path):
    with pytest.raises(ConvwrightError, match=r"nothing\.pt does not exist"):
        open_network(NetworkName(text="nothing.pt"))
    path = tmp_path / "weights.pt"
    torch.save(Net().state_dict(), path)
    assert not holds_torchscript(str(path))
    with pytest.raises(ConvwrightError, match=r"weights\.pt holds no network of TorchScript.*weights alone"):
        open_network(NetworkName(text=str(path)))
