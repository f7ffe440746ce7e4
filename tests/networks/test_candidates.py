"""The networks that a file defines."""

import pytest

from convwright.errors import ConvwrightError
from convwright.networks.candidates import candidates

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
    assert candidates(str(tmp_path / "net.py")) == ["net", "Other"]


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
