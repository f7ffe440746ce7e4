"""`convwright lint`, from the command line to the exit code."""

import json
import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from convwright.cli.main import app
from convwright.errors import ConvwrightError

HEADER = "from torch import nn\n\n\n"
BAD = (
    HEADER
    + "def Net():\n    return nn.Sequential(\n        nn.Conv2d(3, 8, 3),  # first\n        nn.BatchNorm2d(8),\n    )\n"
)
FIXED = BAD.replace("3, 8, 3", "3, 8, 3, bias=False")
GOOD = FIXED.replace("Net", "Good")


def invoke(*arguments, code=0):
    command = ["lint", *arguments, "--input", "3x16x16", "--select", "CW301"]
    result = CliRunner().invoke(app, command, catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def net(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text("")
    path = tmp_path / "net.py"
    path.write_text(BAD)
    return path


def files(folder):
    return sorted(path.name for path in folder.iterdir() if path.name != "__pycache__")


def test_findings_with_their_lines_and_fixes(net):
    text = " ".join(invoke("net.py:Net", code=1).stdout.split())
    assert "warning CW301 bias-before-norm" in text
    assert "0 keeps 8 biases that the batch norm `1` cancels" in text
    assert "built at net.py:6" in text
    assert "saves 8 parameters" in text
    assert "fix (same output): set bias=False" in text
    assert "1 warning; 1 fixable with --fix" in text
    assert net.read_text() == BAD


def test_a_clean_network(net):
    net.write_text(GOOD)
    assert "no findings" in invoke("net.py:Good").stdout


def test_fix_then_nothing_is_left(net):
    net.chmod(0o640)
    assert "fixed: set bias=False" in invoke("net.py:Net", "--fix").stdout
    assert net.read_text() == FIXED
    assert net.stat().st_mode & 0o777 == 0o640
    assert files(net.parent) == ["net.py", "pyproject.toml"]
    assert "no findings" in invoke("net.py:Net").stdout
    assert invoke("net.py:Net", "--fix", "--diff").stdout == ""


@pytest.mark.parametrize("flags", [("--diff",), ("--fix", "--diff"), ("--fix", "--check", "--diff")])
def test_a_diff_is_shown_and_nothing_written(net, flags):
    lines = invoke("net.py:Net", *flags, code=1).stdout.splitlines()
    assert lines[:2] == ["--- net.py", "+++ net.py"]
    assert [line for line in lines[2:] if line[0] in "+-"] == [
        "-        nn.Conv2d(3, 8, 3),  # first",
        "+        nn.Conv2d(3, 8, 3, bias=False),  # first",
    ]
    assert net.read_text() == BAD


def test_check_never_writes_and_says_so(net):
    assert "would be fixed: set bias=False" in invoke("net.py:Net", "--fix", "--check", code=1).stdout
    assert net.read_text() == BAD


@pytest.mark.parametrize(
    "data",
    [
        FIXED.replace("\n", "\r\n").encode(),
        FIXED.rstrip("\n").encode(),
        b"# coding: latin-1\n" + FIXED.replace("# first", "# \xe9, first").encode("latin-1"),
        b"\xef\xbb\xbf" + FIXED.encode(),
        FIXED.replace("    ", "\t").encode(),
    ],
)
def test_every_other_byte_stays(net, data):
    net.write_bytes(data.replace(b", bias=False", b""))
    invoke("net.py:Net", "--fix")
    assert net.read_bytes() == data


def test_a_process_killed_while_it_confirms_leaves_the_file_as_it_was(net):
    # The edited file, and only that, ends the process that imports it.
    killing = f"import os\n{BAD}\n\nif Net()[0].bias is None:\n    os.kill(os.getpid(), 9)\n"
    net.write_text(killing)
    arguments = ["lint", "net.py:Net", "--input", "3x16x16", "--fix", "--import"]
    code = f"import sys; from convwright.cli.main import main; sys.argv[1:] = {arguments}; main()"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("error: net.py:Net ended the process that looked at it, by SIGKILL")
    assert net.read_text() == killing
    assert files(net.parent) == ["net.py", "pyproject.toml"]


def test_a_file_that_changes_meanwhile_is_not_overwritten(net):
    # When it is built with the fix, it writes itself.
    text = "from pathlib import Path\n" + BAD + "\n\nif Net()[0].bias is None:\n"
    net.write_text(text + "    Path(__file__).write_text(Path(__file__).read_text() + '# mine\\n')\n")
    with pytest.raises(ConvwrightError, match=r"net\.py was changed meanwhile; nothing was written"):
        invoke("net.py:Net", "--fix", "--import")
    assert net.read_text().endswith("# mine\n")
    assert "3, 8, 3)" in net.read_text()


def test_models_that_no_fix_can_reach(net):
    for model in ("resnet20", "torchvision:resnet18", "timm:resnet18"):
        with pytest.raises(ConvwrightError, match=f"{model} is not a file of yours"):
            invoke(model, "--fix")
    net.chmod(0o444)
    with pytest.raises(ConvwrightError, match="is read-only"):
        invoke("net.py:Net", "--fix")
    assert "bias=False" in invoke("net.py:Net", "--diff", code=1).output
    packed = net.parent / "site-packages" / "packed.py"
    packed.parent.mkdir()
    packed.write_text(BAD)
    with pytest.raises(ConvwrightError, match="installed package; add --edit-installed"):
        invoke("site-packages/packed.py:Net", "--fix")
    invoke("site-packages/packed.py:Net", "--fix", "--edit-installed")
    assert packed.read_text() == FIXED


def test_a_model_that_exec_made(net):
    text = 'from torch import nn\ndef Net():\n    return eval("nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8))")\n'
    net.write_text(text)
    result = invoke("net.py:Net", "--fix", code=2)
    assert result.stderr.strip() == (
        "error: <string> is no file; what exec made can only be fixed where its text comes from"
    )
    assert net.read_text() == text


PARTS = """from torch import nn
def conv():
    return nn.Conv2d(3, 8, 3)
"""


def test_a_whole_file_and_the_files_it_imports(net):
    (net.parent / "parts_of_it.py").write_text(PARTS)
    text = """from torch import nn
from parts_of_it import conv
class Block(nn.Sequential):
    def __init__(self):
        super().__init__(conv(), nn.BatchNorm2d(8))
class Net(nn.Sequential):
    def __init__(self):
        super().__init__(Block(), nn.Conv2d(8, 4, 1), nn.BatchNorm2d(4))
class Other(Net):
    pass
class Told(Net):
    def __init__(self, words):
        super().__init__()
        self.words = words.all_of_them
"""
    net.write_text(text)
    found = json.loads(invoke("net.py", "--format", "json", code=2).stdout)
    labels = [report["model"] for report in found["reports"]]
    (failure,) = found["failures"]
    assert failure.startswith("net.py:Told needs an argument: expected words")
    assert labels == ["net.py:Net", "net.py:Other"]
    before = dict(sys.modules)
    read = json.loads(invoke("net.py", "--fix", "--format", "json", code=2).stdout)
    assert [report["model"] for report in read["reports"]] == labels
    assert net.read_text() == text.replace("8, 4, 1", "8, 4, 1, bias=False")
    assert (net.parent / "parts_of_it.py").read_text() == PARTS.replace("3, 8, 3", "3, 8, 3, bias=False")
    assert [name for name in set(sys.modules) - set(before) if "parts" in name or "target" in name] == []
    assert "no findings" in invoke("net.py", code=2).stdout


def test_models_and_their_settings_come_from_pyproject(net):
    (net.parent / "pyproject.toml").write_text(
        '[tool.convwright]\nmodels = ["net.py"]\n[tool.convwright.per-model."net.py:Net"]\nignore = ["CW301"]\n'
    )
    net.write_text(
        HEADER + "class Net(nn.Sequential):\n    def __init__(self):\n"
        "        super().__init__(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8))\n"
    )
    assert "no findings" in invoke().stdout
    (net.parent / "pyproject.toml").write_text("")
    with pytest.raises(ConvwrightError, match="no model named"):
        invoke()


def test_one_that_fails_does_not_keep_others_from_being_told(net):
    (net.parent / "broken.py").write_text("def Net(:\n")
    (net.parent / "narrow.py").write_text(HEADER + "def Net():\n    return nn.Conv2d(4, 8, 3)\n")
    result = invoke("broken.py:Net", "net.py:Net", "narrow.py:Net", "broken.py", code=2)
    assert "CW301" in result.stdout
    assert result.stderr.count("error: ") == 3
    assert "in_channels=3" in result.stderr
    assert "broken.py does not import" in result.stderr
    result = invoke("broken.py:Net", "net.py:Net", "--fix", code=2)
    assert net.read_text() == FIXED
    assert "broken.py" in result.stderr


@pytest.mark.usefixtures("net")
def test_what_only_one_model_cannot_do_is_one_error_and_no_report():
    result = invoke("net.py:Nett", code=2)
    assert "did you mean Net" in result.stderr
    assert result.stdout == ""
    assert json.loads(invoke("net.py:Nett", "--format", "json", code=2).stdout)["reports"] == []


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github"])
def test_formats_to_a_file_and_to_the_terminal(net, form):
    shown = invoke("net.py:Net", "--format", form, code=1).stdout
    assert "CW301" in shown
    assert "wrote out" in invoke("net.py:Net", "--format", form, "-o", "out", code=1).stdout
    assert "CW301" in (net.parent / "out").read_text()
    if form in ("json", "sarif"):
        assert json.loads(shown) == json.loads((net.parent / "out").read_text())
        assert str(net.parent) not in shown or form == "json"


def test_a_diff_can_go_to_a_file(net):
    invoke("net.py:Net", "--diff", "-o", "changes.diff", code=1)
    assert (net.parent / "changes.diff").read_text().startswith("--- net.py\n+++ net.py\n")


@pytest.mark.usefixtures("net")
def test_statistics():
    rows = [line.split() for line in invoke("net.py:Net", "--statistics", code=1).stdout.splitlines()]
    assert ["CW301", "bias-before-norm", "warning", "1", "1"] in rows


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--select", "CW3O1"], "unknown rule 'CW3O1'"),
        (["--loss", "mae"], "unknown loss 'mae'"),
        (["--target", "tpu"], "unknown target"),
        (["--input", "3by3"], "input '3by3'"),
        (["--arg", "width"], "argument 'width'"),
    ],
)
def test_mistakes_are_told_before_anything_is_built(net, arguments, told):
    net.write_text("1 / 0\n")
    with pytest.raises(ConvwrightError, match=told):
        invoke("net.py:Net", *arguments)


def test_options_that_would_do_nothing_are_refused():
    with pytest.raises(ConvwrightError, match="add --fix"):
        CliRunner().invoke(app, ["lint", "resnet18", "--unsafe-fixes"], catch_exceptions=False)
    with pytest.raises(ConvwrightError, match="expected --format text"):
        CliRunner().invoke(app, ["lint", "resnet18", "--statistics", "--format", "json"], catch_exceptions=False)
