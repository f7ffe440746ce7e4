"""Inputs named by the files around a network."""

import pytest
import torch
from torch import nn

from convwright.networks import NetworkName, open_network
from convwright.networks.evidence.network_inputs import named_inputs
from convwright.networks.inputs.network_input import written
from convwright.networks.reading.edited import edited
from convwright.networks.reading.file_import import fresh_imports

NET = """
from torch import nn


class Net(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Conv2d(3, 4, 3), nn.ReLU())
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models").mkdir()
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "models" / "small.py").write_text(NET)
    with fresh_imports():
        yield tmp_path


def opened():
    network = open_network(NetworkName(text="models/small.py:Net"), computes=False)
    return written(network.inputs), network.assumptions[-1]


def test_a_file_near_it_that_builds_it(folder):
    assert opened()[0] == "1x3x224x224"
    (folder / "other.py").write_text("size = 1\nimg_size = 99\n")
    (folder / "train.py").write_text("from models.small import Net\ndata = CIFAR10('.')\nnet = Net()\n")
    assert opened() == ("1x3x32x32", "input 1x3x32x32: train.py:2 names CIFAR10")


def test_the_text_as_it_is_being_edited(folder):
    file = str(folder / "models" / "small.py")
    with edited({file: f"{NET}\nNet()(torch.rand(1, 3, 50, 50))\n"}):
        assert opened()[0] == "1x3x50x50"
    assert opened()[0] == "1x3x224x224"


def test_a_package_is_known_by_the_file_of_the_class(folder):
    (folder / "models" / "__init__.py").write_text("")
    text = NET.replace("Net", "One") + "    def forward(self, x):\n        return x\n\nOne()(torch.rand(1, 7))\n"
    (folder / "models" / "one.py").write_text(text)
    network = open_network(NetworkName(text="models.one:One"))
    assert [written(guess.inputs) for guess in named_inputs(network.module, "models.one", "One")][:1] == ["1x7"]


def test_torch_and_what_cannot_be_read_say_nothing():
    assert list(named_inputs(nn.Conv2d(3, 4, 3), "torch.nn", "Conv2d")) == []
    assert list(named_inputs(nn.Identity(), "gone.py", "net")) == []


def test_a_named_file_of_torch_says_what_it_says():
    file = f"{torch.__path__[0]}/_export/db/examples/static_if.py"  # its class takes three axes alone
    assert [written(guess.inputs) for guess in named_inputs(nn.Identity(), file, "StaticIf")] == ["1x2x2", "3x2x2"]


@pytest.mark.filterwarnings("ignore:.*torch.jit:FutureWarning", "ignore:.*torch.jit:DeprecationWarning")
def test_a_class_of_torchscript_is_looked_for_like_any_other(folder):
    (folder / "models" / "script.py").write_text(
        "import torch\nfrom torch import nn\n\n\nclass Net(torch.jit.ScriptModule):\n    def __init__(self):\n"
        "        super().__init__()\n        self.act = nn.ReLU()\n\n    @torch.jit.script_method\n"
        "    def forward(self, x):\n        return self.act(x)\n\n\nnet_size = (3, 32, 32)\n"
    )
    network = open_network(NetworkName(text="models/script.py:Net"), computes=False)
    assert list(named_inputs(network.module, "models/script.py", "Net")) == []
