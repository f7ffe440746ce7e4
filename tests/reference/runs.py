"""Short trainings from the command line, in a folder of their own."""

import pytest
from typer.testing import CliRunner

from convwright.cli.main import app

NET = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3, stride=2, padding=1)
        self.head = nn.Linear(8, classes)

    def forward(self, x):
        return self.head(self.conv(x).relu().mean((2, 3)))
"""
# The same, where reading the file for its definitions is not enough.
NEEDS_IMPORT = 'from pathlib import Path\nCLASSES = int(Path("classes.txt").read_text())\n' + NET.replace(
    "classes=10", "classes=CLASSES"
)
SHORT = ("--set", "epochs=2", "--set", "batch_size=200", "--set", "precision=fp32", "--set", "augmentation.cutout=0")


def invoke(*arguments):
    result = CliRunner().invoke(app, [str(each) for each in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONVWRIGHT_CACHE", str(tmp_path / "cache"))
    (tmp_path / "net.py").write_text(NET)


def train(*more):
    """Train the small net on the digits."""
    return invoke("train", "--model", "net.py:Net", "--data", "digits", *SHORT, *more)
