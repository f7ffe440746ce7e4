"""Every way to name a network, with its arguments, seed and weights; and what cannot be opened."""

import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from convwright.errors import ConvwrightError
from convwright.graph import trace
from convwright.networks import Network, NetworkInput, NetworkName, open_network, seeded


def load(text: str, weights: str = "", **arguments: Any) -> Network:
    return open_network(NetworkName(text=text, arguments=arguments, weights=weights), computes=False)


def test_zoo_names_bring_their_own_input() -> None:
    assert load("resnet20", in_channels=1).inputs == (NetworkInput(shape=(1, 1, 32, 32)),)
    assert load("resnet50").inputs == (NetworkInput(shape=(1, 3, 224, 224)),)
    assert load("resnet50", num_classes=3).module.config.num_classes == 3


def test_a_zoo_network_holds_weights_only_where_it_computes() -> None:
    name = NetworkName(text="resnet20")
    assert next(open_network(name, computes=False).module.parameters()).device == torch.device("meta")
    assert next(open_network(name).module.parameters()).device == torch.device("cpu")


def test_a_zoo_network_takes_what_its_arguments_leave_open_from_the_data() -> None:
    name = NetworkName(text="resnet20", arguments={"num_classes": 7})
    config = open_network(name, computes=False, num_classes=3, in_channels=1).module.config
    assert (config.num_classes, config.in_channels) == (7, 1)


@pytest.mark.parametrize("text", ["resnet20", "net.py:small", "torchvision:squeezenet1_1"])
@pytest.mark.usefixtures("net")
def test_a_seed_gives_first_weights_and_leaves_the_generator_alone(text: str) -> None:
    name, before = NetworkName(text=text), torch.random.get_rng_state()
    first, again, other = (next(open_network(name, seed=seed).module.parameters()) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(before, torch.random.get_rng_state())


def test_a_failure_leaves_the_generator_alone() -> None:
    before = torch.random.get_rng_state()
    with pytest.raises(ZeroDivisionError), seeded(3):
        _ = torch.rand(1) / (1 // 0)
    assert torch.equal(before, torch.random.get_rng_state())


def test_a_factory_in_a_file(net: Path) -> None:
    assert load("net.py:small").module.conv.out_channels == 5
    opened = load(f"{net}/net.py:Net", width=7)
    assert opened.module.conv.out_channels == 7
    assert opened.arguments == {"width": 7, "depth": 2}
    assert opened.call_sites["conv"].line == 9
    assert load("net.py:READY").module.conv.out_channels == 2
    assert str(net) not in sys.path


def test_a_factory_in_a_package(net: Path) -> None:
    assert isinstance(load("torch.nn:Identity").module, nn.Identity)
    (net / "mine").mkdir()
    (net / "mine" / "nets.py").write_text("from torch import nn\nmake = nn.Flatten\n")
    assert isinstance(load("mine.nets:make").module, nn.Flatten)


@pytest.mark.usefixtures("net")
def test_an_input_that_nobody_declares_is_an_assumption() -> None:
    assert load("torch.nn:Identity").assumptions == ("input 1x3x224x224: nothing says otherwise",)
    assert load("resnet20").assumptions == load("convwright.models.catalog:build", name="resnet20").assumptions == ()


def test_weights_of_a_file_are_loaded_or_refused_whole(net: Path) -> None:
    saved = load("net.py:small").module
    nn.init.constant_(saved.conv.weight, 3)
    torch.save(saved.state_dict(), net / "saved.pth")
    assert load("net.py:small", weights="saved.pth").module.conv.weight.min() == 3
    with pytest.raises(ConvwrightError, match=r"saved.pth does not fit Net"):
        load("net.py:Net", weights="saved.pth", width=4)
    with pytest.raises(ConvwrightError, match=r"weights 'gone.pth' of net.py:small: expected the path of a file"):
        load("net.py:small", weights="gone.pth")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("resnet5", "did you mean resnet56 or resnet50"),
        ("torchvision:resnet5", "did you mean resnet50"),
        ("timm:resnet5", "unknown timm model 'resnet5'"),
        ("nte.py:small", "did you mean net.py"),
        ("net.py:smal", "did you mean small"),
        ("untold.py:Net", "needs an argument: expected unheard_of, got with .*: .*; add --arg unheard_of="),
        ("net.py:broken", r"ZeroDivisionError.*return Net\(1 / 0\).*net.py:15"),
        ("net.py:number", "expected an nn.Module, got int"),
        (
            "bad.py:x",
            r"x = torch.zeros\(2\) \+ torch.zeros\(3\).*bad.py:2\), left out because it raises RuntimeError: The",
        ),
        ("typo.py:f", r"SyntaxError.*typo.py:1"),
        ("nowhere.nets:f", "there is no module nowhere.nets"),
    ],
)
@pytest.mark.usefixtures("net")
def test_what_cannot_be_built_says_why(text: str, message: str) -> None:
    before = set(sys.modules)
    with pytest.raises(ConvwrightError, match=f"(?s){message}"):
        load(text)
    assert not {name for name in set(sys.modules) - before if "typo" in name or "quits" in name}


@pytest.mark.usefixtures("net")
def test_a_file_that_ends_the_program_does_so_only_where_all_of_it_runs() -> None:
    with pytest.raises(ConvwrightError, match=r"unknown factory in quits\.py 'f'"):
        load("quits.py:f")
    with pytest.raises(ConvwrightError, match=r"quits.py does not import: SystemExit.*sys.exit\(1\).*quits.py:2"):
        open_network(NetworkName(text="quits.py:f", run_all=True))


def test_options_of_the_zoo_that_clash_are_one_sentence() -> None:
    with pytest.raises(ConvwrightError, match=r"^resnet50 cannot be built like this: [^\n]*$"):
        load("resnet50", num_classes=10**20)


REACHES_OUT = """
import socket
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, connects=False):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.conv.load_state_dict(torch.load("gone.pth"))
        self.cuda()
        self.connects = connects

    def forward(self, x):
        self.conv.load_state_dict(torch.load("late.pth"))
        torch.cuda.synchronize()
        if self.connects:
            socket.create_connection(("192.0.2.1", 80))
        return self.conv(x.cuda())
"""


def test_a_network_fetches_and_loads_nothing_when_built_and_traced(net: Path) -> None:
    (net / "out.py").write_text(REACHES_OUT)
    network = load("out.py:Net")
    weights = "weights of gone.pth (out.py:10) were not loaded: fresh ones stand in"
    moved = "the move to a GPU (out.py:11) was left out: the network stays on the CPU"
    assert network.not_done == (weights, moved)
    assert network.assumptions[:2] == (weights, moved)
    late = "weights of late.pth (out.py:15) were not loaded: fresh ones stand in"
    for _ in range(2):
        assert [op.kind for op in trace(nn.DataParallel(network.module), (1, 3, 8, 8))] == ["to", "conv2d"]
        assert network.not_done == (weights, moved, late)
    with pytest.raises(ConvwrightError, match=r"out.py:18 needs the network \(192.0.2.1\): .*--import"):
        trace(load("out.py:Net", connects=True).module, (1, 3, 8, 8))


def test_all_of_a_file_that_runs_does_as_it_says(net: Path) -> None:
    (net / "out.py").write_text(REACHES_OUT.replace("self.cuda()", "pass"))
    torch.save(nn.Conv2d(3, 4, 3).state_dict(), net / "gone.pth")
    network = open_network(NetworkName(text="out.py:Net", run_all=True))
    assert torch.equal(network.module.conv.weight, torch.load("gone.pth")["weight"])
    assert network.not_done == ()
    with pytest.raises(ConvwrightError, match=r"FileNotFoundError.*late.pth"):
        trace(network.module, (1, 3, 8, 8))


def test_an_error_after_weights_were_not_loaded_says_so(net: Path) -> None:
    text = "import torch\nfrom torch import nn\ndef make():\n    return nn.ModuleList([torch.load('gone.pth')])\n"
    (net / "out.py").write_text(text)
    with pytest.raises(ConvwrightError, match=r"TypeError.*out.py:4\); weights were not loaded; --import"):
        load("out.py:make")
