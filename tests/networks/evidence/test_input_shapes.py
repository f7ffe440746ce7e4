"""Inputs that a file names, and the lines that do."""

import textwrap
from pathlib import Path

import pytest

from convwright.networks.evidence.input_shapes import InputShapes
from convwright.networks.evidence.repository import Repository
from convwright.networks.evidence.source_file import SourceFile
from convwright.networks.evidence.values import Values
from convwright.networks.inputs.network_input import written


def guesses(text, *names):
    text = textwrap.dedent(text)
    source = SourceFile(Path("net.py"), text)
    return list(InputShapes(source, text, Values(Repository(source)), names or ("Net",)).guesses())


def first(text):
    found = guesses(text)
    return (written(found[0].inputs), found[0].reason) if found else None


@pytest.mark.parametrize(
    ("text", "inputs", "line"),
    [
        ("net = Net()\nnet(torch.randn(8, 3, 32, 32))", "1x3x32x32", 2),
        ("net = Net().to(device).eval()\nx = torch.rand(2, 1, 28, 28).cuda()\ny = net.forward(x)", "1x1x28x28", 3),
        ("Net(3)(torch.zeros((1, 5)))", "1x5", 1),
        ("n = 4\nsize = (n, 3, 2 * n, 8)\nNet()(torch.ones(*size))", "1x3x8x8", 3),
        ("Net()(torch.randint(0, 100, (4, 20)), t=torch.rand(4))", "1x20:int64, t=1", 1),
        ("Net()(torch.zeros(1, 7, dtype=torch.long))", "1x7:int64", 1),
        ("Net()(torch.rand(3, 8, 8).unsqueeze(0))", "1x3x8x8", 1),
        ("model = Net()\nsummary(model, (3, 64, 64))", "1x3x64x64", 2),
        ("model = Net()\nsummary(model, input_size=(1, 3, 64, 64), depth=3)", "1x3x64x64", 2),
        ("net = Net()\nprofile(net, inputs=(torch.rand(1, 2, 9), torch.rand(1, 4)))", "1x2x9, 1x4", 2),
        ("net = Net()\ntorch.onnx.export(net, torch.randn(1, 3, 8, 8), 'net.onnx')", "1x3x8x8", 2),
        (
            "def test():\n    net = Net()\n    x = torch.randn(1, 3, 12, 12)\n    assert net(x).shape == (1, 10)",
            "1x3x12x12",
            4,
        ),
    ],
)
def test_what_is_passed_to_the_network(text, inputs, line):
    assert any(written(guess.inputs) == inputs for guess in guesses(text)[:2])
    assert f"net.py:{line} gives it" in guesses(text)[0].reason
    assert guesses(text)[0].is_certain


@pytest.mark.parametrize(
    ("text", "inputs", "reason"),
    [
        ("IMAGE_SIZE = 64", "1x3x64x64", "net.py:1 says IMAGE_SIZE = 64"),
        ("INPUT_SHAPE = (48, 64, 3)", "1x3x48x64", "net.py:1 says INPUT_SHAPE = (48, 64, 3)"),
        ("net = build(img_size=(48, 64))", "1x3x48x64", "net.py:1 says img_size = (48, 64)"),
        (
            "class Net:\n    def __init__(self, input_shape=(1, 9, 9)): ...",
            "1x1x9x9",
            "net.py:2 says input_shape = (1, 9, 9)",
        ),
        ("parser.add_argument('--image-size', type=int, default=96)", "1x3x96x96", "says image_size = 96"),
        ("x = torch.randn(4, 3, 40, 40)", "1x3x40x40", "net.py:1 makes 4x3x40x40"),
        ("T.Compose([T.Resize(256), T.CenterCrop(224)])", "1x3x224x224", "net.py:1 has T.CenterCrop(224)"),
        ("A.Resize(120, 160)", "1x3x120x160", "net.py:1 has A.Resize(120, 160)"),
        ("data = datasets.CIFAR10('.')", "1x3x32x32", "net.py:1 names CIFAR10"),
        ("data = load('zalando/fashion-mnist')", "1x1x28x28", "net.py:1 names FashionMNIST"),
        ("data = MNIST('.', transform=Resize(32))", "1x1x32x32", "net.py:1 has Resize(32)"),
        ("x = 1  # (N, 3, 50, 50)", "1x3x50x50", "net.py:1 says (N, 3, 50, 50)"),
        ('def forward(x):\n    """Take (B, 12, 1000)."""', "1x12x1000", "net.py:2 says (B, 12, 1000)"),
    ],
)
def test_what_a_file_says_otherwise(text, inputs, reason):
    found = first(text)
    assert found is not None
    assert found[0] == inputs
    assert reason in found[1]


@pytest.mark.parametrize(
    "text",
    [
        "net(x)",
        "noise = torch.randn(x.size(0), 3)",
        "class Net(nn.Module):\n    def forward(self, x):\n        return x + torch.randn(1, 3, 7, 7)",
        "image_size = 'large'\nin_size = -3\nResize()\nx[0, 3, 4]",
        "# (conv, 3, 3) and f(1, 2, 3)",
    ],
)
def test_what_says_nothing(text):
    assert guesses(text) == []


def test_names_that_stand_for_each_other_are_followed_once():
    found = guesses("def train(old, new):\n    old = new.eval()\n    new = old.eval()\n    new(torch.rand(1, 5))\n")
    assert [(written(each.inputs), each.is_certain) for each in found] == [("1x5", False)]


def test_the_strongest_comes_first():
    text = """
    data = CIFAR100(transform=RandomCrop(28))  # (N, 3, 9, 9)
    x = torch.rand(2, 3, 10, 10)
    img_size = 11
    Net()(torch.rand(2, 3, 12, 12))
    """
    sides = [guess.inputs[0].shape[2] for guess in guesses(text) if guess.inputs[0].shape[0] == 1]
    assert sides == [12, 11, 10, 12, 28, 32, 9]


def test_a_number_of_features_is_no_size_of_an_image():
    assert guesses("input_dim = in_dim = 512") == []


@pytest.mark.parametrize(
    ("given", "inputs"),
    [
        ("[torch.rand(3, 8, 8), torch.rand(3, 9, 9)]", "maps.0=3x8x8, maps.1=3x9x9"),
        ("{'p3': torch.rand(2, 4, 8, 8), 'p4': torch.rand(2, 4, 4, 4)}", "maps.p3=1x4x8x8, maps.p4=1x4x4x4"),
        ("maps=(torch.rand(2, 5),)", "maps.0=1x5"),
    ],
)
def test_lists_and_mappings_that_are_passed_to_the_network(given, inputs):
    source = SourceFile(Path("net.py"), f"x = Net()({given})")
    shapes = InputShapes(source, "", Values(Repository(source)), {"Net"}, ["maps"])
    assert written(next(shapes.guesses()).inputs) == inputs
