"""What comes back from the process in which a user's network is opened."""

import os

import pytest

from convwright.errors import ConvwrightError
from convwright.networks import NetworkName
from convwright.studio.shared.user_network import first_look, in_process, look, steps_in_process
from convwright.studio.shared.view import View

NET = "from torch import nn\nclass Net(nn.Sequential):\n    def __init__(self, width=8):\n"
NET += "        super().__init__(nn.Conv2d(3, width, 3), nn.BatchNorm2d(width))\n"


def where(name):
    """Return the process in which it is called."""
    return name.text, os.getpid()


@pytest.fixture(autouse=True)
def _net(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(NET)


def test_a_first_look_says_all_that_the_studio_starts_with(tmp_path):
    name, knobs, stamps, view = steps_in_process(first_look, NetworkName(text="net.py"), "3x9x9")
    assert name == NetworkName(text="net.py:Net")
    assert {knob.name: knob.default for knob in knobs} == {"input": "3x9x9", "width": 8}
    assert set(stamps) == {"net.py", str(tmp_path / "net.py")}
    assert view.findings[0].first.code == "CW301"
    assert view.report.analysis is view.analysis
    assert view.analysis.input_shapes == ((1, 3, 9, 9),)
    (tmp_path / "net.py").write_text("x = 1\n")
    with pytest.raises(ConvwrightError, match="has no network"):
        list(steps_in_process(first_look, NetworkName(text="net.py"), ""))


def test_a_look_at_what_cannot_be_built_is_a_view():
    stamps, view = look(NetworkName(text="net.py:Net", arguments={"width": 0}), "3x2x2")
    assert "net.py" in stamps
    assert isinstance(view, View)
    assert view.problem


def test_another_process_does_it():
    text, pid = in_process(where, NetworkName(text="net.py:Net"))
    assert text == "net.py:Net"
    assert pid != os.getpid()
