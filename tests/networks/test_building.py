"""Networks, built with arguments that are given, found or guessed."""

import pytest
import torch
from torch import nn

from convwright.errors import ConvwrightError
from convwright.networks import building
from convwright.networks.building import build_network, try_network, values_around
from convwright.networks.reading.file_import import fresh_imports, load_file
from convwright.networks.reading.reader import file_reader

TEXT = """
import torch
from torch import nn
class Net(nn.Module):
    def __init__(self, width, bias=True):
        super().__init__()
        print("building")
        self.conv = nn.Conv2d(3, width, 3, bias=bias)
class Numbers(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv2d(3, int(n), 1) for n in torch.linspace(1, width, 3).tolist())
def f():
    Net("wide")
    Net(5)
    Numbers(4)
def g(**options): return Net(**options)
class Two(nn.Module):
    def __init__(self, width, depth):
        super().__init__()
        self.convs = nn.Sequential(*(nn.Conv2d(3, 2 * width, 3) for _ in range(depth)))
def h(): return Two(4, 2)
"""


@pytest.fixture
def module(tmp_path):
    (tmp_path / "net.py").write_text(TEXT)
    with fresh_imports(), file_reader(str(tmp_path / "net.py")) as reader:
        yield load_file(str(tmp_path / "net.py"), reader)


def test_the_first_arguments_that_build_are_taken(module, capsys, tmp_path):
    state = torch.random.get_rng_state()
    built = build_network(module.Net, {}, "net")
    assert (built.module.conv.out_channels, built.arguments) == (5, {"width": 5, "bias": True})
    assert built.assumptions == (f"width=5 from {tmp_path}/net.py:15",)
    assert not built.module.conv.weight.is_meta
    assert capsys.readouterr() == ("", "")  # what a constructor prints is none of ours
    assert not torch.equal(state, torch.random.get_rng_state())  # the weights are drawn once
    assert build_network(module.Net, {"bias": False}, "net").arguments == {"width": 5, "bias": False}


def test_numbers_in_a_constructor_need_weights(module):
    assert [conv.out_channels for conv in build_network(module.Numbers, {}, "net").module.convs] == [1, 2, 4]


def test_a_guess_is_one_whose_network_takes_some_input(tmp_path):
    text = "from torch import nn\nclass Net(nn.Module):\n    def __init__(self, depth):\n        super().__init__()\n"
    text += "        self.conv = nn.Conv2d(3, 4, 3)\n        self.fc = nn.Linear(28 if depth == 28 else 5, 2)\n"
    text += "    def forward(self, x): return self.fc(self.conv(x).mean((2, 3)).repeat(1, 7))\n"
    (tmp_path / "net.py").write_text(text)
    with fresh_imports(), file_reader(str(tmp_path / "net.py")) as reader:
        built = build_network(load_file(str(tmp_path / "net.py"), reader).Net, {}, "net")
    assert built.assumptions == ("depth=28, since nothing says it",)


def test_a_call_that_leaves_weights_empty_is_none_to_go_by(tmp_path):
    text = "import torch\nfrom torch import nn\nclass Norm(nn.Module):\n    def __init__(self, channels):\n"
    text += "        super().__init__()\n        self.weight = nn.Parameter(torch.ones(channels, 1, 1))\n"
    (tmp_path / "pyproject.toml").touch()  # the files around it are none of its
    (tmp_path / "net.py").write_text(
        text + "    def forward(self, x): return x * self.weight\n" + "norm = Norm(0)\n" * 5
    )
    with fresh_imports(), file_reader(str(tmp_path / "net.py")) as reader:
        built = build_network(load_file(str(tmp_path / "net.py"), reader).Norm, {}, "net")
    assert built.assumptions == ("channels=3, since nothing says it",)


def test_what_is_huge_stays_without_weights_unless_it_computes(module, monkeypatch):
    monkeypatch.setattr(building, "_MOST_BYTES_BUILT", 100)
    assert build_network(module.Net, {}, "net", computes=False).module.conv.weight.is_meta
    assert not build_network(module.Net, {}, "net").module.conv.weight.is_meta


def test_arguments_are_searched_once_for_each_module(module, monkeypatch):
    choice, _ = try_network(module.Net, {}, "net", values_around(module.Net))
    monkeypatch.setattr(building, "try_network", None)
    assert build_network(module.Net, {}, "net").assumptions == choice.assumptions
    monkeypatch.setattr(building, "_MOST_BYTES_BUILT", 100)
    assert build_network(module.Net, {}, "net", computes=False).module.conv.weight.is_meta


def test_what_cannot_be_built_says_what_was_tried(module):
    with pytest.raises(ConvwrightError, match=r"net raised TypeError.*width"):
        try_network(module.g, {}, "net", values_around(module.g))
    with pytest.raises(ConvwrightError, match="unknown argument of net 'widht'"):
        build_network(module.Net, {"widht": 1}, "net")
    with pytest.raises(ConvwrightError, match="Conv2d needs arguments: expected in_channels"):
        build_network(nn.Conv2d, {}, "Conv2d")


def test_an_argument_that_does_not_fit_is_blamed_and_not_one_that_was_found(module):
    words = r"^net cannot be built with width='x': got .*TypeError.*; it can with width=4, depth=2 from .*net.py:22$"
    with pytest.raises(ConvwrightError, match=words):
        build_network(module.Two, {"width": "x"}, "net", computes=False)
    with pytest.raises(ConvwrightError, match="argument of net"):
        build_network(module.Two, {"breadth": 3}, "net", computes=False)


def test_a_row_of_modules_that_nothing_gives_is_said(tmp_path):
    text = "from torch import nn\nclass Net(nn.Module):\n    def __init__(self, *layers):\n        super().__init__()\n"
    (tmp_path / "net.py").write_text(text + "        self.body = nn.Sequential(*layers)\n")
    with fresh_imports(), file_reader(str(tmp_path / "net.py")) as reader:
        factory = load_file(str(tmp_path / "net.py"), reader).Net
        assert build_network(factory, {}, "net").assumptions == ("no layers, since nothing gives them",)
