"""The process in which a user's file is looked at, seen from the command line."""

import os
import subprocess
import sys
import time

import pytest

from convwright.child_process import Limits, announce
from convwright.cli._own_process import call_for, limits_of, steps_shown

HEADER = "import ctypes, os, time\nfrom torch import nn\n"
GOOD = HEADER + "class Net(nn.Sequential):\n    def __init__(self):\n        super().__init__(nn.ReLU())\n"
BAD = {
    "syntax": ("def Net(:\n", "syntax.py does not import: SyntaxError"),
    "cycle": ("import other\nNet = other.Net\n", "cycle.py "),
    "other": ("import cycle\nNet = cycle.Net\n", "other.py "),
    "constructor": (
        GOOD + "        while True: pass\n",
        "constructor.py did not come back within 1 s: got 'while True",
    ),
    "forward": (
        GOOD + "    def forward(self, x):\n        time.sleep(60)\n",
        "forward.py did not come back within 1 s",
    ),
    "large": (GOOD + "        bytearray(2**40)\n", "large.py:Net needs too much memory: expected at most"),
    "deep": (GOOD + "        self.__init__()\n", "deep.py:Net"),
    "leaves": (GOOD + "        os._exit(0)\n", "leaves.py:Net raised SystemExit: os._exit(0)"),
    "crashes": (GOOD + "        ctypes.string_at(0)\n", "crashes.py ended the process that looked at it, by SIGSEGV"),
}

NAMED = ("syntax", "forward", "leaves", "large", "deep")


def pid_of(*_):
    return os.getpid()


@pytest.mark.parametrize(("model", "is_own"), [("net.py:Net", True), ("resnet18", False), ("torchvision:vgg11", False)])
def test_only_files_of_the_users_have_a_process(model, is_own):
    assert (call_for(model, pid_of, limits=Limits()) != os.getpid()) is is_own


def test_options_set_the_limits():
    assert limits_of(3.0, 0.5) == Limits(seconds=3.0, memory_bytes=500_000_000)
    assert limits_of(3.0, None).memory_bytes > 2**20


def test_steps_are_shown_on_a_terminal_only(capsys):
    with steps_shown():
        announce("linting [x]")
    assert capsys.readouterr() == ("", "")


def test_bad_files_are_a_sentence_each_and_the_others_are_linted(tmp_path):
    files = {name: text for name, (text, _) in BAD.items()} | {"good": GOOD}
    for name, text in files.items():
        (tmp_path / f"{name}.py").write_text(text)
    names = [f"{name}.py:Net" if name in NAMED else f"{name}.py" for name in files]
    command = [sys.executable, "-m", "convwright", "lint", *names, "--time-limit", "1"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == len(BAD)
    for name, (_, words) in BAD.items():
        assert [line for line in errors if words in line], (name, done.stderr)
    assert "Traceback" not in done.stderr
    assert "good.py:Net" in done.stdout


def children_of(process):
    with open(f"/proc/{process.pid}/task/{process.pid}/children") as file:
        return file.read().split()


def test_an_interrupt_ends_it_at_once(tmp_path):
    (tmp_path / "net.py").write_text(GOOD + "        while True: pass\n")
    command = [sys.executable, "-m", "convwright", "lint", "net.py:Net", "--time-limit", "100"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, env=environment, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        while not (children := children_of(process)):
            assert process.poll() is None
            time.sleep(0.05)
        start = time.monotonic()
        process.send_signal(2)
        process.communicate(timeout=60)
    assert process.returncode not in (0, 2)
    assert time.monotonic() - start < 50
    assert not os.path.exists(f"/proc/{children[0]}")
