"""Likely values of parameters."""

import inspect

import pytest
import torch
from torch import nn

from convwright.networks.building import values_of_file
from convwright.networks.evidence.guesses import Guesses
from convwright.networks.reading.file_import import fresh_imports, load_file
from convwright.networks.reading.reader import file_reader

TEXT = """
import argparse
import torch
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from torch import nn
import made_by
PATCH = 7
TABLE = {"a": 1, "b": 2}
parser = argparse.ArgumentParser()
parser.add_argument("--num-tasks", type=int, default=4)
class Helper(nn.Module): ...
class BasicBlock(nn.Module): ...
@dataclass
class Config:
    width: int = 1
def other(rate=0.1, gain=3): ...
def dropped(way):
    assert way in ("batch", "row")
def make(
    gain, maybe: int | None, steps: list[int], rows: Sequence[int], calls: Callable, patch, kind, mode,
    name, size_of_it, num_tasks, config: Config, rate: float, words: str, block, depth,
    out_dtype: torch.dtype, place: torch.device, builder, window_size, way: str,
    in_shape, image_shape, frame: tuple, counted: list[int], spread, three,
):
    channels, height, width = in_shape
    image_shape[0], image_shape[1]
    frame[0]
    window_size[0] * window_size[1]
    counted[1:-1]
    assert len(three) == 3
    torch.zeros(1, *spread)
    if kind == "x" or kind == "y":
        TABLE[name]
        made_by.__dict__[builder]
    elif mode in ("m", "n"):
        pass
    if depth == 1:
        pass
"""


@pytest.fixture
def guesses(tmp_path):
    (tmp_path / "net.py").write_text(TEXT)
    (tmp_path / "made_by.py").write_text("class Net: ...\ndef _own(): ...\ndef small(): ...\n")
    with fresh_imports(), file_reader(str(tmp_path / "net.py")) as reader:
        namespace = vars(load_file(str(tmp_path / "net.py"), reader))
        values = values_of_file(str(tmp_path / "net.py"), namespace, reader)
        found = Guesses(namespace["make"], values)
        parameters = inspect.signature(namespace["make"]).parameters
        yield lambda name: [each.value for each in found.of(parameters[name])]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("patch", [7]),
        ("gain", [3]),
        ("maybe", [None]),
        ("steps", [[16, 32, 64, 128]]),
        ("rows", [[16, 32, 64, 128]]),
        ("calls", []),
        ("kind", ["x", "y"]),
        ("mode", ["m", "n"]),
        ("name", ["a", "b"]),
        ("size_of_it", [64]),
        ("num_tasks", [4]),
        ("rate", [0.1]),
        ("words", ["words"]),
        ("out_dtype", [torch.float32]),
        ("way", ["batch", "row"]),
        ("window_size", [(16, 16), [16, 32, 64, 128]]),
        ("place", [torch.device("cpu")]),
        ("builder", ["small"]),  # of a module's names, its public functions
        ("in_shape", [(3, 224, 224), [16, 32, 64, 128]]),
        ("image_shape", [(224, 224), [16, 32, 64, 128]]),
        ("frame", [(3, 224, 224), (16, 32, 64, 128)]),
        ("counted", [[16, 32, 64, 128]]),
        ("three", [[16, 32, 64]]),
        ("spread", [(3, 224, 224)]),
        ("depth", [2, [2, 2, 2, 2], 28, 20, 16, 18, 1]),
    ],
)
def test_what_the_file_says_and_names(guesses, name, values):
    assert guesses(name) == values


def test_classes_of_the_file(guesses):
    assert guesses("config")[0].width == 1
    assert [each.__name__ for each in guesses("block")[:2]] == ["BasicBlock", "Helper"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[(name, 10) for name in ("num_classes", "n_classes", "nclasses", "classes", "num_labels", "n_class", "ncls")],
        *[
            (name, 3)
            for name in ("in_channels", "in_ch", "channels", "input_channels", "in_planes", "n_channels", "c_in")
        ],
        *[(name, 16) for name in ("out_channels", "out_ch", "oup", "out_planes")][:2],
        *[(name, 64) for name in ("width", "hidden", "embed_dim", "features", "hidden_size", "base_channels", "ngf")],
        *[(name, 224) for name in ("img_size", "image_size", "input_size", "resolution")],
        ("num_layers", 2),
        ("layers", [2, 2, 2, 2]),
        ("kernel_size", 3),
        ("vocab_size", 1000),
        ("dropout", 0.1),
        ("use_bias", False),
        ("norm_layer", nn.BatchNorm2d),
        ("activation", nn.ReLU),
    ],
)
def test_names(tmp_path, name, value):
    (tmp_path / "net.py").write_text("")
    values = values_of_file(str(tmp_path / "net.py"), {})
    parameter = inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    assert Guesses(len, values).of(parameter)[0].value == value


def test_settings_are_known_by_the_attributes_that_are_read(tmp_path):
    text = """
from torch import nn
class Other:
    width = 3
class Settings:
    def __init__(self, width=8):
        self.width, self.depth = width, 2
class Net(nn.Module):
    def __init__(self, c):
        self.layers = [c.width] * c.depth
"""
    (tmp_path / "net.py").write_text(text)
    with fresh_imports(), file_reader(str(tmp_path / "net.py")) as reader:
        module = load_file(str(tmp_path / "net.py"), reader)
        guesses = Guesses(module.Net, values_of_file(str(tmp_path / "net.py"), vars(module)))
        (first, *_) = guesses.of(inspect.Parameter("c", inspect.Parameter.POSITIONAL_OR_KEYWORD))
    assert (type(first.value).__name__, first.place) == ("Settings", f"{tmp_path}/net.py:5")


def test_no_class_that_does_work_is_made_to_see_whether_it_holds_settings(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(
        "import os\nfrom torch import nn\n\n\nclass Trainer:\n    def __init__(self):\n        os.makedirs('runs')\n"
        "        self.width = 3\n\n\nclass Net(nn.Module):\n    def __init__(self, config):\n"
        "        super().__init__()\n        self.conv = nn.Conv2d(3, config.width, 3)\n"
    )
    with fresh_imports(), file_reader("net.py") as reader:
        net = load_file("net.py", reader)
        guesses = Guesses(net.Net, values_of_file(str(tmp_path / "net.py"), vars(net), reader))
        list(guesses.of(inspect.signature(net.Net).parameters["config"]))
    assert not (tmp_path / "runs").exists()


def test_a_tensor_that_becomes_a_buffer(tmp_path):
    (tmp_path / "net.py").write_text(
        "from torch import nn\nclass Masked(nn.Module):\n    def __init__(self, mask):\n        super().__init__()\n"
        "        self.register_buffer('mask', mask)\n"
    )
    with fresh_imports(), file_reader(str(tmp_path / "net.py")) as reader:
        module = load_file(str(tmp_path / "net.py"), reader)
        found = Guesses(module.Masked, values_of_file(str(tmp_path / "net.py"), vars(module), reader))
        first, *_ = found.of(inspect.signature(module.Masked).parameters["mask"])
    assert torch.equal(first.value, torch.ones(1, 64))


def test_what_another_module_of_the_package_calls_the_default(tmp_path):
    folder = tmp_path / "wild_pack"
    folder.mkdir()
    (folder / "options.py").write_text("from torch import nn\ndefault_gate = nn.Sigmoid\n")
    text = "from .options import default_gate as gate_of_all\ndef make(gate, steps): ...\n"
    (folder / "net.py").write_text(text)
    (folder / "__init__.py").touch()
    with fresh_imports(), file_reader(str(folder / "net.py")) as reader:
        module = load_file(str(folder / "net.py"), reader)
        found = Guesses(module.make, values_of_file(str(folder / "net.py"), vars(module), reader))
        values = found.of(inspect.signature(module.make).parameters["gate"])
    assert [(each.value, each.place) for each in values] == [(nn.Sigmoid, "wild_pack.options")]
