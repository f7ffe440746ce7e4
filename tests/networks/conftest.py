"""A user's folder with files that build networks, and files that fail."""

import sys
from pathlib import Path

import pytest

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


@pytest.fixture
def net(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "net.py").write_text(NET)
    untold = NET.replace("width, depth=2", "unheard_of: list").replace("width, 3)", "len(unheard_of.text), 3)")
    (tmp_path / "untold.py").write_text(untold.partition("def small")[0])
    (tmp_path / "helper.py").write_text("WIDTH = 5\n")
    (tmp_path / "bad.py").write_text("import torch\nx = torch.zeros(2) + torch.zeros(3)\n")
    (tmp_path / "typo.py").write_text("def f(:\n")
    (tmp_path / "quits.py").write_text("import sys\nsys.exit(1)\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "helper", raising=False)
    return tmp_path
