"""Names that were left out, and what they would have been."""

from convwright.networks.building import build_network, values_of_file
from convwright.networks.evidence.supplied_names import supply_names
from convwright.networks.reading.file_import import fresh_imports, load_file
from convwright.networks.reading.reader import file_reader

TEXT = """
import argparse
from torch import nn
parser = argparse.ArgumentParser()
parser.add_argument("--width", default=4)
args = parser.parse_args()
width = args.width * 2
unused = args.width
unknown = input()
net = nn.Conv2d(3, width, 3)
def make():
    return nn.Sequential(nn.Conv2d(3, width, 3), nn.Conv2d(width, args.width, 3)) or unknown or net
"""


def test_names_that_are_used_and_known_are_given(tmp_path):
    file = str(tmp_path / "net.py")
    (tmp_path / "net.py").write_text(TEXT)
    with fresh_imports(), file_reader(file) as reader:
        module = load_file(file, reader)
        said = [f"args=Namespace(width=4) from {file}:6", f"width=8 from {file}:5"]
        built = build_network(module.make, {}, "net", reader)
        assert list(built.assumptions) == said
        assert built.module[1].in_channels == 8
        assert not hasattr(module, "unused")
        assert not hasattr(module, "unknown")
        assert not hasattr(module, "net")
        assert list(supply_names(values_of_file(file, vars(module)))) == said


PARTS = """
import argparse
from torch import nn
parser = argparse.ArgumentParser()
parser.add_argument("--width", default=4)
parser.add_argument("--depth", default=2)
args = parser.parse_args()
depth = args.depth
unused = parser.parse_args()
class Stem(nn.Conv2d):
    def __init__(self):
        super().__init__(3, args.width, 3)
def stem():
    return [Stem() for _ in range(depth)]
def other():
    return unused
"""
NET = """
from torch import nn
from parts_of_supplied import stem
class Net(nn.Sequential):
    def __init__(self):
        super().__init__(*stem())
"""


def test_modules_that_it_imports_get_what_it_uses_of_them(tmp_path):
    parts, file = tmp_path / "parts_of_supplied.py", str(tmp_path / "net.py")
    parts.write_text(PARTS)
    (tmp_path / "net.py").write_text(NET)
    with fresh_imports(), file_reader(file) as reader:
        built = build_network(load_file(file, reader).Net, {}, "net", reader)
    assert list(built.assumptions) == [f"args=Namespace(width=4, depth=2) from {parts}:7", f"depth=2 from {parts}:6"]
    assert [each.out_channels for each in built.module] == [4, 4]
