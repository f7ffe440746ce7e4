"""Trials of networks that come back, and of some that do not."""

import pytest

from convwright.child_process import Limits
from convwright.errors import ConvwrightError
from convwright.networks import NetworkName, parse_input
from convwright.networks.trial import Trials

NET = """
from parts_of_trial import conv
from torch import nn
with open("runs", "a") as file:
    file.write("x")
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = conv()
    def forward(self, x):
        return self.conv(x)
"""
LOOPS = NET.replace("return self.conv(x)", "while True: pass")
NAME = NetworkName(text="net.py:Net", run_all=True)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(NET)
    (tmp_path / "parts_of_trial.py").write_text("from torch import nn\ndef conv():\n    return nn.Conv2d(3, 8, 3)\n")
    return tmp_path


def test_a_file_is_tried_once_for_each_state_of_it_and_its_imports(folder):
    trials, inputs = Trials(), (parse_input("3x8x8"),)
    for _ in range(2):
        trials.require(NAME, inputs)
    assert (folder / "runs").read_text() == "x"
    (folder / "parts_of_trial.py").write_text("from torch import nn\ndef conv():\n    return nn.Conv2d(3, 8, 1)\n")
    for _ in range(2):
        trials.require(NAME, inputs)
    assert (folder / "runs").read_text() == "xx"


def test_one_that_loops_is_an_error_until_it_is_edited(folder):
    (folder / "net.py").write_text(LOOPS)
    trials, inputs = Trials(), (parse_input("3x8x8"),)
    for _ in range(2):
        with pytest.raises(ConvwrightError, match=r"net.py did not come back within 1 s: got 'while True: pass'"):
            trials.require(NAME, inputs, Limits(seconds=1.0))
    assert (folder / "runs").read_text() == "x"
    (folder / "net.py").write_text(NET)
    trials.require(NAME, inputs)


def test_other_errors_are_left_to_whoever_opens_it(folder):
    (folder / "net.py").write_text("1 / 0\n")
    Trials().require(NAME)
    Trials().require(NetworkName(text="resnet20"))
