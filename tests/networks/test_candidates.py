"""The networks that a file defines."""

import pytest

from convwright.errors import ConvwrightError
from convwright.networks import NetworkName, open_network, with_network
from convwright.networks.candidates import candidates, networks_in, no_network_error

SOURCE = """
from torch import nn
from torch.nn import Sequential

class Base(nn.Module):
    pass

class Block(nn.Module):
    def forward(self, x):
        return x

class Told(nn.Module):
    def __init__(self, width):
        super().__init__()
    def forward(self, x):
        return x

class Picky(Base):
    def __init__(self, width=None):
        super().__init__()
        self.layer = nn.Linear(width, width)
    def forward(self, x):
        return x

class Net(Base):
    def __init__(self, *args, width=8, **more):
        super().__init__()
        self.blocks = Sequential(Block(), Block())
    def forward(self, x):
        return x

class Other(Net):
    pass

Model = Other
net = Net()

def make():
    return Net()
"""


def test_networks_are_what_can_be_built_and_is_no_part(tmp_path):
    (tmp_path / "net.py").write_text(SOURCE)
    found = networks_in(str(tmp_path / "net.py"))
    assert found.names == ("net", "Other")
    assert list(found.failures) == ["Picky"]
    assert "Picky raised" in str(found.failures["Picky"])


@pytest.mark.parametrize("text", ["1 = x\n", "def f(:\n"])
def test_a_file_that_does_not_import(tmp_path, text):
    (tmp_path / "net.py").write_text(text)
    with pytest.raises(ConvwrightError, match="does not import"):
        candidates(str(tmp_path / "net.py"))


def test_a_network_that_the_file_makes_stands_for_its_class(tmp_path):
    text = "from torch import nn\n\n\nclass Net(nn.Sequential):\n    pass\n\n\nbody = Net(nn.ReLU())\n"
    file = tmp_path / "net.py"
    file.write_text(f"{text}model = nn.Sequential(body, nn.Flatten())\n")
    assert candidates(str(file)) == ["model"]


def test_functions_that_build_variants_stand_for_their_class(tmp_path):
    text = """
from torch import nn
class Net(nn.Sequential):
    def __init__(self, width=4):
        super().__init__(nn.Conv2d(3, width, 3))
class Plain(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Conv2d(3, 4, 3))
def small(): return Net()
def large(): return Net(8)
def also_large(): return large()
def plain(): return Plain()
"""
    (tmp_path / "net.py").write_text(text)
    assert candidates(str(tmp_path / "net.py")) == ["Plain", "small", "large"]


def test_parts_are_looked_at_where_nothing_else_can_be_built(tmp_path):
    text = """
from collections.abc import Callable
from torch import nn
class Net(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Conv2d(3, 4, 3))
class Wrapper(nn.Module):
    def __init__(self, runtime: Callable):
        super().__init__()
        self.net = Net()
    def forward(self, x): return self.net(x)
"""
    (tmp_path / "net.py").write_text(text)
    found = networks_in(str(tmp_path / "net.py"))
    assert (found.names, list(found.failures)) == (("Net",), ["Wrapper"])


def test_a_file_alone_stands_for_its_only_network(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = (
        "from torch import nn\nclass {}(nn.Sequential):\n    def __init__(self): super().__init__(nn.Conv2d(3, 4, 1))\n"
    )
    (tmp_path / "net.py").write_text(text.format("Net"))
    (tmp_path / "nets.py").write_text(text.format("A") + text.format("B"))
    (tmp_path / "none.py").write_text("x = 1\n")
    assert with_network(NetworkName(text="net.py")).text == "net.py:Net"
    assert with_network(NetworkName(text="resnet20")).text == "resnet20"
    assert open_network(NetworkName(text="net.py")).label == "net.py:Net"
    with pytest.raises(ConvwrightError, match=r"nets.py has 2 networks: A, B; name one as nets.py:A"):
        open_network(NetworkName(text="nets.py"))
    with pytest.raises(ConvwrightError, match=r"none.py has no network; name a factory"):
        open_network(NetworkName(text="none.py"))


def test_lazy_layers(tmp_path):
    net = "class Net(nn.Sequential):\n    def __init__(self): super().__init__(nn.LazyBatchNorm2d())\n"
    (tmp_path / "net.py").write_text(f"from torch import nn\n{net}def small(): return Net()\n")
    assert candidates(str(tmp_path / "net.py")) == ["Net"]


def test_modules_without_weights_where_there_is_nothing_else(tmp_path):
    text = """
from torch import nn
class Halved(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.kernel_size = kernel_size
    def forward(self, x): return nn.functional.max_pool2d(x, self.kernel_size)
class Unnamed(nn.Module):
    def forward(self, boxes): return boxes.corners()
"""
    (tmp_path / "pooling.py").write_text(text)
    assert candidates(str(tmp_path / "pooling.py")) == ["Halved"]
    net = "class Net(nn.Sequential):\n    def __init__(self): super().__init__(nn.Conv2d(3, 4, 1))\n"
    (tmp_path / "nets.py").write_text(text + net)
    assert candidates(str(tmp_path / "nets.py")) == ["Net"]


def test_a_file_without_a_network_names_those_that_it_imports_and_classes_that_were_left_out(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wild_net.py").write_text(
        "from torch import nn\ndef build_model(cfg):\n    return cfg.kind()\nclass Net(nn.Conv2d): ...\n"
    )
    (tmp_path / "train.py").write_text("from wild_net import *\ndef main():\n    build_model(1)\n")
    (tmp_path / "lost.py").write_text(
        "from torch import nn\nwidth = input()\nclass Net(nn.ReLU):\n  def __init__(self, w=width): ...\n"
    )
    with pytest.raises(ConvwrightError, match=r"train.py has no network of its own, it imports .*wild_net.py:Net"):
        with_network(NetworkName(text="train.py"))
    with pytest.raises(ConvwrightError, match=r"Net is not defined: .* left out because it needs width, which line 2"):
        with_network(NetworkName(text="lost.py"))


def test_a_function_with_the_name_of_a_builder_is_tried(tmp_path):
    text = """
from torch import nn
KINDS = {}
def register(kind):
    KINDS[kind.__name__] = kind
    return kind
@register
class Net(nn.Sequential):
    def __init__(self, width):
        super().__init__(nn.Conv2d(3, width, 3))
def build_model(name, width):
    model = KINDS[name](width)
    if width > 100:
        model = model.cuda()
    return model
def main():
    build_model("Net", 8)
"""
    (tmp_path / "net.py").write_text(text)
    assert "build_model" in candidates(str(tmp_path / "net.py"))


def test_a_layer_that_takes_what_its_file_makes(tmp_path):
    text = "import torch\nfrom torch import nn\nclass Pool(nn.Module):\n    def forward(self, x):\n"
    text += "        assert x.shape[0] > 4\n        return x.mean(1)\n"
    (tmp_path / "net.py").write_text(text)
    assert candidates(str(tmp_path / "net.py")) == []
    (tmp_path / "net.py").write_text(f"{text}example = torch.rand(5, 2)\n")
    assert candidates(str(tmp_path / "net.py")) == ["Pool"]


def test_layers_that_another_file_uses_are_looked_at_where_there_is_nothing_else(tmp_path):
    (tmp_path / "layers.py").write_text(
        "from torch import nn\nclass Gate(nn.Sequential):\n    def __init__(self, channels):\n"
        "        super().__init__(nn.Conv2d(channels, channels, 1), nn.Sigmoid())\n"
    )
    (tmp_path / "net.py").write_text(
        "from torch import nn\nfrom layers import Gate\nclass Net(nn.Module):\n    def __init__(self, width):\n"
        "        super().__init__()\n        self.gate = Gate(width)\n    def forward(self, x): return self.gate(x)\n"
    )
    assert candidates(str(tmp_path / "layers.py")) == ["Gate"]


def test_parts_that_take_no_input_are_named(tmp_path):
    (tmp_path / "layers.py").write_text(
        "from torch import nn\nclass Gate(nn.Module):\n    def __init__(self, channels):\n"
        "        super().__init__()\n        self.conv = nn.Conv2d(channels, channels, 1)\n"
        "    def forward(self, x):\n        assert x.shape[0] > 4\n        return self.conv(x)\n"
    )
    (tmp_path / "net.py").write_text(
        "from torch import nn\nfrom layers import Gate\nclass Net(nn.Module):\n    def __init__(self, width):\n"
        "        super().__init__()\n        self.gate = Gate(width)\n    def forward(self, x): return self.gate(x)\n"
    )
    found = networks_in(str(tmp_path / "layers.py"))
    assert (found.names, found.parts) == ((), ("Gate",))
    assert "only parts of others" in str(no_network_error("layers.py", found))


BLOCKS = """
from torch import nn

class Rare(nn.Module):
    def __init__(self, in_chs, out_chs, make_it=None):
        super().__init__()
        self.norm = make_it(in_chs)
        self.conv = nn.Conv2d(in_chs, out_chs, 3, padding=1)
    def forward(self, x):
        return self.conv(self.norm(x))

class Net(nn.Module):
    def __init__(self, block, width):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, width, 3), block(width, width))
    def forward(self, x):
        return self.body(x)

def common(in_chs, out_chs):
    return nn.Conv2d(in_chs, out_chs, 3)

def rare(in_chs, out_chs):
    return globals()["Ra" + "re"](in_chs, out_chs, nn.BatchNorm2d)
"""


def test_a_block_is_looked_at_in_a_network_that_holds_it(tmp_path):
    functions = [f"def net{width}():\n    return Net(common, {width})\n" for width in range(1, 20)]
    (tmp_path / "without.py").write_text("\n".join([BLOCKS, *functions]))
    without = networks_in(str(tmp_path / "without.py"))
    assert list(without.failures) == ["Rare"]
    assert without.not_built == ("net17", "net18", "net19")
    # Of more variants than are built, the one that holds the block is built too.
    (tmp_path / "net.py").write_text("\n".join([BLOCKS, *functions]).replace("Net(common, 18)", "Net(rare, 18)"))
    found = networks_in(str(tmp_path / "net.py"))
    assert not found.failures
    assert found.names[-1] == "net18"
    assert found.not_built == ("net17", "net19")
