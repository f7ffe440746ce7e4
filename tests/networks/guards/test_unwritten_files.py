"""Files that a network would write while it is built or traced."""

import pytest
import torch

from convwright.analysis.latency import measure_latency
from convwright.analysis.module_latency import measure_modules
from convwright.networks import NetworkName, open_network

TEXT = """
import logging
import os
from pathlib import Path
import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.utils.tensorboard import SummaryWriter

class Net(nn.Module):
    def __init__(self, width=4):
        super().__init__()
        os.makedirs("checkpoints/last", exist_ok=True)
        Path("samples").mkdir(parents=True)
        os.mkdir("made")
        np.save("ones.npy", np.ones(3))
        np.savez("ones.npz", ones=np.ones(3))
        Image.new("L", (2, 2)).save("picture.png")
        self.log = open("log.txt", "w")
        self.log.write("begun")
        Path("note.txt").write_text("begun")
        handler = logging.FileHandler("train.log")
        handler.close()
        self.writer = SummaryWriter("runs/first")
        self.writer.add_scalar("width", width, 0)
        self.classes = Path("classes.txt").read_text().split()
        self.fc = nn.Linear(width, len(self.classes))

    def forward(self, x):
        torch.save(x.shape, "shape.pt")
        with open("shapes.bin", "ab") as file:
            file.write(b"x")
        return self.fc(x)
"""


def test_nothing_is_written_and_that_is_said(tmp_path, monkeypatch):
    pytest.importorskip("tensorboard")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(TEXT)
    (tmp_path / "classes.txt").write_text("cat dog")
    network = open_network(NetworkName(text="net.py:Net"))
    assert network.module.fc.out_features == 2
    said = " ".join(network.assumptions)
    names = ("checkpoints/last", "samples", "log.txt", "note.txt", "train.log", "runs/first", "shape.pt", "shapes.bin")
    names += ("made", "ones.npy", "ones.npz", "picture.png")
    assert [name for name in names if f"{name} (net.py:" not in said] == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["classes.txt", "net.py"]


def test_a_network_that_is_there_writes_what_it_likes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(
        "import torch\nfrom torch import nn\nclass Net(nn.Linear):\n    def forward(self, x):\n"
        "        open('log.txt', 'w').close()\n        return super().forward(x)\n"
        "net = nn.Sequential(Net(2, 2))\n"
    )
    network = open_network(NetworkName(text="net.py:net"))
    assert not (tmp_path / "log.txt").exists()
    network.module(torch.zeros(1, 2))
    assert (tmp_path / "log.txt").exists()


def test_a_real_pass_for_its_time_writes_nothing_and_says_nothing(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(
        "import warnings\nimport numpy as np\nfrom torch import nn\nclass Net(nn.Conv2d):\n"
        "    def __init__(self):\n        super().__init__(3, 4, 3)\n        print('x')\n        warnings.warn('x')\n"
        "    def forward(self, x):\n        np.save('map.npy', np.ones(3))\n        print('runs')\n"
        "        warnings.warn('runs')\n        return super().forward(x)\n"
    )
    network = open_network(NetworkName(text="net.py:Net"))
    assert len(measure_latency(network.module, (3, 8, 8), budget_seconds=0.01).seconds) >= 7
    assert measure_modules(network.module, (3, 8, 8), repeats=1)
    assert [path.name for path in tmp_path.iterdir()] == ["net.py"]
    assert capfd.readouterr() == ("", "")
