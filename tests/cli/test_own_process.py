"""The process in which a user's file is looked at, seen from the command line."""

import os
import subprocess
import sys
import time

import pytest

from convwright.child_process import Limits, announce
from convwright.cli._own_process import call_for, limits_of, steps_shown

HEADER = "import ctypes, os, time\nfrom torch import nn\n"
GOOD = HEADER + "class Net(nn.Sequential):\n    def __init__(self):\n        super().__init__(nn.Conv2d(3, 8, 3))\n"
RUNS = GOOD + "    def forward(self, x):\n        {}\n        return x\n"
BAD = {
    "syntax": (HEADER + "def Net(:\n", "syntax.py does not import: SyntaxError"),
    "cycle": ("from other import Base\n" + GOOD.replace("nn.Sequential", "Base"), "cycle.py has no network that"),
    "other": (
        "from torch import nn\nfrom cycle import Net\nclass Base(Net, nn.Module):\n    pass\n",
        "cycle.py does not define Net yet, since its line 1 begins an import cycle (cycle.py:1 -> other.py:2 ->",
    ),
    "imported": (GOOD + "ITEMS = [0 for _ in iter(int, 1)]\n", "imported.py did not come back within 1 s: got 'ITEMS"),
    "constructor": (
        GOOD + "        while True: pass\n",
        "constructor.py:Net did not come back within 1 s: got 'while True",
    ),
    "forward": (RUNS.format("time.sleep(60)"), "forward.py:Net did not come back within 1 s: got 'time.sleep(60)'"),
    "large": (GOOD + "        bytearray(2**40)\n", "large.py:Net needs too much memory: expected at most"),
    "deep": (
        GOOD.replace("super().__init__(nn.Conv2d(3, 8, 3))", "self.__init__()"),
        "deep.py has no network that can be built: Net raised RecursionError",
    ),
    "leaves": (RUNS.format("os._exit(0)"), "leaves.py:Net cannot be looked at: SystemExit: os._exit(0)"),
    "crashes": (
        GOOD + "        ctypes.string_at(0)\n",
        "crashes.py:Net ended the process that looked at it, by SIGSEGV",
    ),
}


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
    (tmp_path / "pyproject.toml").write_text("")
    for name, text in {**{name: text for name, (text, _) in BAD.items()}, "good": GOOD, "fine": GOOD}.items():
        (tmp_path / f"{name}.py").write_text(text)
    command = [sys.executable, "-m", "convwright", "lint", ".", "--time-limit", "1"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == len(BAD)
    for name, (_, words) in BAD.items():
        assert sum(words in line for line in errors) == 1, (name, done.stderr)
    assert "Traceback" not in done.stderr
    assert [line.partition(" ")[0] for line in done.stdout.splitlines() if ".py:" in line] == [
        "fine.py:Net",
        "good.py:Net",
    ]
    assert "2 files with 2 networks linted, 0 passed over, 10 failures" in done.stderr


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
