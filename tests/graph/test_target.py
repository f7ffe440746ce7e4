"""MODEL, --input and --arg, as typed and mistyped."""

import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from convwright.errors import ConvwrightError
from convwright.graph.target import Target, load_target, parse_arguments, parse_input

NET = """
import torch
from torch import nn
import helper

class Net(nn.Module):
    def __init__(self, width, depth=2):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3)

def small():
    return Net(helper.WIDTH)

def broken():
    return Net(1 / 0)

def number():
    return 3

READY = Net(2)
"""


class Config:
    input_size = 32
    in_channels = 1


def zoo(name: str, *, num_classes: int = 10) -> nn.Module:
    model = nn.Linear(4, num_classes)
    if name == "lenet":
        model.config = Config()  # type: ignore[assignment]
    return model


def load(text: str, **arguments: Any) -> Target:
    return load_target(text, arguments=arguments, zoo=zoo, zoo_names=["lenet", "resnet50"])


@pytest.fixture
def net(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "net.py").write_text(NET)
    (tmp_path / "helper.py").write_text("WIDTH = 5\n")
    (tmp_path / "bad.py").write_text("import torch\nx = torch.zeros(2) + torch.zeros(3)\n")
    (tmp_path / "typo.py").write_text("def f(:\n")
    (tmp_path / "quits.py").write_text("import sys\nsys.exit(1)\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "helper", raising=False)
    return tmp_path


def test_zoo_names_bring_their_own_input() -> None:
    assert load("lenet").default_input == (1, 1, 32, 32)
    assert load("resnet50").default_input == (1, 3, 224, 224)
    assert load("resnet50", num_classes=3).model.out_features == 3
    assert load("lenet").to_dict() == {"label": "lenet", "default_input": [1, 1, 32, 32]}


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("torchvision:resnet18", (1, 3, 224, 224)),
        ("torchvision:mobilenet_v3_small", (1, 3, 224, 224)),
        ("torchvision:inception_v3", (1, 3, 299, 299)),
        ("torchvision:efficientnet_v2_s", (1, 3, 384, 384)),
        ("torchvision:r3d_18", (1, 3, 16, 112, 112)),
        ("torchvision:lraspp_mobilenet_v3_large", (1, 3, 224, 224)),
        ("timm:resnet18", (1, 3, 224, 224)),
        ("timm:mobilenetv3_small_100.lamb_in1k", (1, 3, 224, 224)),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_published_models_bring_their_own_input(text: str, shape: tuple[int, ...]) -> None:
    with torch.device("meta"):
        target = load(text)
    assert target.default_input == shape
    assert target.label == text


def test_a_factory_in_a_file(net: Path) -> None:
    assert load("net.py:small").model.conv.out_channels == 5
    assert load(f"{net}/net.py:Net", width=7).model.conv.out_channels == 7
    assert load("net.py:READY").model.conv.out_channels == 2
    assert str(net) not in sys.path


def test_a_factory_in_a_package(net: Path) -> None:
    assert isinstance(load("torch.nn:Identity").model, nn.Identity)
    (net / "mine").mkdir()
    (net / "mine" / "nets.py").write_text("from torch import nn\nmake = nn.Flatten\n")
    assert isinstance(load("mine.nets:make").model, nn.Flatten)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("resnet5", "did you mean resnet50"),
        ("torchvision:resnet5", "did you mean resnet50"),
        ("timm:resnet5", "unknown timm model 'resnet5'"),
        ("nte.py:small", "did you mean net.py"),
        ("net.py:smal", "did you mean small"),
        ("net.py:Net", "needs an argument: expected width; add --arg width="),
        ("net.py:broken", r"ZeroDivisionError.*return Net\(1 / 0\).*net.py:15"),
        ("net.py:number", "expected an nn.Module, got int"),
        ("bad.py:f", r"RuntimeError.*x = torch.zeros\(2\) \+ torch.zeros\(3\).*bad.py:2"),
        ("typo.py:f", r"SyntaxError.*typo.py:1"),
        ("quits.py:f", "SystemExit"),
        ("nowhere.nets:f", "there is no module nowhere.nets"),
    ],
)
@pytest.mark.usefixtures("net")
def test_what_cannot_be_built_says_why(text: str, message: str) -> None:
    before = set(sys.modules)
    with pytest.raises(ConvwrightError, match=f"(?s){message}"):
        load(text)
    assert not {name for name in set(sys.modules) - before if "bad" in name or "typo" in name or "quits" in name}


@pytest.mark.usefixtures("net")
def test_an_argument_it_does_not_take() -> None:
    with pytest.raises(ConvwrightError, match=r"unknown argument of net.py:Net 'widht'.*did you mean width"):
        load("net.py:Net", widht=3)


def test_timm_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(ConvwrightError, match="pip install timm"):
        load("timm:resnet18")


@pytest.mark.parametrize("text", ["3x224", "1X3x32x32", "7"])
def test_inputs(text: str) -> None:
    assert parse_input(text) == tuple(int(part) for part in text.lower().split("x"))


@pytest.mark.parametrize("text", ["", "3xx2", "3x0x2", "axb", "3,224,224"])
def test_inputs_that_are_none(text: str) -> None:
    with pytest.raises(ConvwrightError, match="3x224x224"):
        parse_input(text)


def test_arguments() -> None:
    assert parse_arguments(["a=1", "b=[1, 'x']", "c=relu", "d=a=b"]) == {"a": 1, "b": [1, "x"], "c": "relu", "d": "a=b"}
    with pytest.raises(ConvwrightError, match="name=value"):
        parse_arguments(["width"])
