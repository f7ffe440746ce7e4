"""What of a file is a network, and what is a part of one."""

from convwright.networks.building import values_of_file
from convwright.networks.evidence.definition_graph import DefinitionGraph
from convwright.networks.reading.file_import import fresh_imports, load_file
from convwright.networks.reading.reader import file_reader

TEXT = """
import torch
from torch import nn
from torchvision.models import resnet18 as pretrained_net
class Block(nn.Module):
    def __init__(self, width): ...
    def forward(self, x): return x
class Stem(nn.Module):
    def forward(self, x): return x
class Net(nn.Module):
    def __init__(self, block: Block):
        self.stem = Stem()
        assert isinstance(block, Head)
    def forward(self, x): return x
class Head(nn.Module):
    def forward(self, x): return x
class MyLoss(nn.Module):
    def forward(self, x): return x
class Base(nn.Module): ...
class Interface(nn.Module):
    def forward(self, x): pass
class ToTensorTransform(nn.Module):
    def forward(self, x): return x
class Trainer:
    def __init__(self): self.net = Head()
def _helper(block): return Net(block)
def small(): return _helper(Block)
def by_branch(big=False):
    net = Net(Block) if big else None
    if big:
        net = Head()
    return net.to("cpu")
def moved(big=False):
    net = Net(Block)
    net = net.to("cpu")
    net = net.eval() if big else net
    return net.to("cpu")
def endless():
    table = table.to("cpu")
    return table.to("cpu")
def library(): return pretrained_net()
def opaque(): return globals()["Net"](Block)
def passed_on(net: nn.Module) -> nn.Module: return net
def number(): return len([1])
def trained():
    net = Head()
    torch.save(net, "net.pth")
    return net
def loads():
    net = Head()
    net.load_state_dict(torch.load("net.pth"))
    return net
"""


def test_networks_and_parts(tmp_path):
    file = str(tmp_path / "net.py")
    (tmp_path / "net.py").write_text(TEXT)
    with fresh_imports(), file_reader(file) as reader:
        graph = DefinitionGraph(values_of_file(file, vars(load_file(file, reader)), reader))
        assert list(graph.classes) == ["Block", "Stem", "Net", "Head"]
        assert list(graph.functions) == ["_helper", "small", "by_branch", "moved", "library", "opaque", "loads"]
        assert graph.tried == {"opaque"}
        assert graph.parts == {"Stem", "_helper", "Block"}
        assert graph.uses("small") == {"_helper", "Block"}


def test_transforms_are_what_a_file_has_where_it_has_nothing_else(tmp_path):
    file = str(tmp_path / "net.py")
    text = "from torch import nn\nclass BatchTransform(nn.Module):\n    def forward(self, images): return images\n"
    (tmp_path / "net.py").write_text(text)
    with fresh_imports(), file_reader(file) as reader:
        graph = DefinitionGraph(values_of_file(file, vars(load_file(file, reader)), reader))
        assert list(graph.classes) == ["BatchTransform"]
