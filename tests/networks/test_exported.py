"""Networks that torch.export saved have the facts of the network that was exported."""

import pickle
from dataclasses import replace

import pytest
import torch
from torch import nn

from convwright.analysis.analyze import analyze
from convwright.errors import ConvwrightError
from convwright.networks import NetworkName, open_network
from convwright.networks.exported import without_pickled_code


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, padding=1, groups=2)
        self.norm = nn.BatchNorm2d(width)
        self.act = nn.ReLU(inplace=True)
        self.drop = nn.Dropout(0.2)

    def forward(self, x):
        return x + self.drop(self.act(self.norm(self.conv(x))))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, stride=2, bias=False)
        self.blocks = nn.Sequential(Block(8), Block(8))
        self.pool = nn.MaxPool2d(2)
        self.head = nn.Linear(8, 4)

    def forward(self, x):
        x = self.pool(self.blocks(self.stem(x)))
        return self.head(nn.functional.gelu(x).mean((2, 3))).softmax(-1)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    model, path = Net().eval(), tmp_path_factory.mktemp("exported") / "net.pt2"
    torch.export.save(torch.export.export(model, (torch.randn(2, 3, 31, 31),)), path)
    return model, str(path)


def test_it_has_the_facts_of_what_was_exported(exported):
    model, path = exported
    network = open_network(NetworkName(text=path))
    assert [str(each) for each in network.inputs] == ["2x3x31x31"]
    network.module.eval()
    found, wanted = analyze(network.module, network.example_inputs), analyze(model, (2, 3, 31, 31))
    # In train mode the exported norms and dropout are those of eval mode, and keep less.
    keep = {
        "activation_bytes": wanted.totals.activation_bytes,
        "peak_training_bytes": wanted.totals.peak_training_bytes,
    }
    assert replace(found.totals, **keep) == wanted.totals
    assert any("stay as they were exported" in each for each in network.assumptions)
    assert found.macs.uncounted == wanted.macs.uncounted == ()
    assert [row.kind for row in found.graph] == [row.kind for row in wanted.graph]
    assert found.graph.modules["blocks.0.conv"].type == "Conv2d"
    assert [op.path for op in found.graph][:3] == ["stem", "blocks.0.conv", "blocks.0.norm"]


def test_a_file_that_is_none_is_an_error(tmp_path):
    with pytest.raises(ConvwrightError, match=r"nothing\.pt2 does not exist"):
        open_network(NetworkName(text="nothing.pt2"))
    path = tmp_path / "text.pt2"
    path.write_text("no archive")
    with pytest.raises(ConvwrightError, match=r"text\.pt2 cannot be read as a network of torch\.export"):
        open_network(NetworkName(text=str(path)))


class Code:
    def __reduce__(self):
        return print, ("ran",)


def test_pickled_code_is_not_run(tmp_path, capsys):
    path = tmp_path / "code.pt"
    torch.save(Code(), path)
    with without_pickled_code():
        with pytest.raises(pickle.UnpicklingError):
            torch.load(path, weights_only=False)
        with pytest.raises(pickle.UnpicklingError, match="may run any code"):
            pickle.loads(pickle.dumps(Code()))
    assert "ran" not in capsys.readouterr().out
    torch.load(path, weights_only=False)
    assert "ran" in capsys.readouterr().out
