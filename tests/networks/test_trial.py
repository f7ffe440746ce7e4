"""Trials of networks that come back, and of some that do not."""

import pytest

from convwright.child_process import Limits
from convwright.errors import ConvwrightError
from convwright.networks import NetworkName
from convwright.networks.trial import require_trial, stamps_of

NET = """
from torch import nn
with open("runs", "a") as file:
    file.write("x")
class Net(nn.Conv2d):
    def __init__(self):
        super().__init__(3, 8, 3)
"""
NAME = NetworkName(text="net.py:Net", run_all=True)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(NET)
    return tmp_path


def test_a_network_that_comes_back_is_run_once(folder):
    require_trial(NAME)
    assert (folder / "runs").read_text() == "x"


def test_one_that_loops_is_an_error(folder):
    (folder / "net.py").write_text(NET + "    def forward(self, x):\n        while True: pass\n")
    with pytest.raises(ConvwrightError, match=r"net.py did not come back within 1 s: got 'while True: pass'"):
        require_trial(NAME, Limits(seconds=1.0))


def test_other_errors_are_left_to_whoever_opens_it(folder):
    (folder / "net.py").write_text("1 / 0\n")
    require_trial(NAME)
    require_trial(NetworkName(text="resnet20"))


def test_stamps_are_of_files_that_exist(folder):
    before = stamps_of(["net.py", "none.py"])
    assert list(before) == ["net.py"]
    (folder / "net.py").write_text("x = 1\n")
    assert stamps_of(before) != before
