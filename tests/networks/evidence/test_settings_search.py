"""Settings that nobody passes, found by what a constructor reads of them."""

import ast

import pytest

from convwright.networks.building import build_network
from convwright.networks.evidence.settings_search import keys_read
from convwright.networks.reading.file_import import fresh_imports, load_file
from convwright.networks.reading.reader import file_reader

NET = """
from torch import nn
class Net(nn.Conv2d):
    def __init__(self, {name}):
        super().__init__({name}.model.width, {name}["classes"], 3)
"""
YAML = "model:\n  width: 4\nclasses: 7\n"
OBJECT = """
class Model:
    width = 4
    depth = 2
class Settings(dict):
    model = Model()
    def __init__(self):
        self["classes"] = 7
"""
MISSING = """
from package_that_is_missing import CfgNode as CN
_C = CN()
_C.model = CN()
_C.model.width = 4
_C.classes = 7
"""


def built(folder, name="cfg"):
    file = folder / "net.py"
    file.write_text(NET.format(name=name))
    with fresh_imports(), file_reader(str(file)) as reader:
        found = build_network(load_file(str(file), reader).Net, {}, "Net", reader)
    return found.module, found.assumptions


@pytest.mark.parametrize(
    ("file", "text", "place"),
    [
        ("conf/small.yaml", YAML, "conf/small.yaml"),
        ("all.json", '{"seed": 1, "net": {"model": {"width": 4}, "classes": 7}}', "all.json"),
        ("settings_of_net.py", OBJECT, "settings_of_net.py:5"),
        ("defaults_of_net.py", MISSING, "defaults_of_net.py:3"),
    ],
)
def test_they_are_found_around_the_file_by_what_is_read_of_them(tmp_path, monkeypatch, file, text, place):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "conf").mkdir()
    (tmp_path / "other.yaml").write_text("model:\n  depth: 4\nclasses: 7\n")
    (tmp_path / file).write_text(text)
    net, (assumption,) = built(tmp_path, "cfg" if file.endswith("py") else "spec")
    assert (net.in_channels, net.out_channels) == (4, 7)
    assert assumption.endswith(f" from {place}")


def test_what_a_body_reads():
    body = ast.parse("x = cfg.model.width\ny = cfg['a'][0]\nz = cfg.get('b')\nself.cfg.c = other.d")
    assert keys_read(body, "cfg") == {("model",), ("model", "width"), ("a",)}
