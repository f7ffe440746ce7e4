"""Which models share a process, and in which order they are told."""

import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from convwright.child_process import Limits
from convwright.cli._lint_processes import lint_all
from convwright.cli._lint_run import LintOrder
from convwright.cli.main import app
from convwright.errors import ConvwrightError
from convwright.linter.config import Config

NET = """
from pathlib import Path
from torch import nn
class Net(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8))
class Other(Net):
    pass
NETWORK = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8))
with open("runs", "a") as file:
    file.write("x")
"""


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(NET)


def order(**options):
    flags = {"select": ["CW301"]}
    return LintOrder(config=Config(), flags=flags, inputs=("3x16x16",), run_all=True, **options)


def test_no_model_at_all():
    with pytest.raises(ConvwrightError, match="no model named; name one, or list `models`"):
        lint_all([], order(), Limits())


def test_a_file_is_run_once_for_all_its_networks(tmp_path):
    done = lint_all(["net.py", "resnet20"], order(), Limits())
    assert [report.label for report in done.reports] == ["resnet20", "net.py:NETWORK", "net.py:Net", "net.py:Other"]
    assert [finding.place.line for report in done.reports for finding in report.findings] == [9, 6, 6]
    assert (tmp_path / "runs").read_text() == "x"


def test_a_fix_runs_it_once_for_each_state(tmp_path):
    done = lint_all(["net.py:Net", "net.py:Other"], order(fixes=True), Limits())
    assert (tmp_path / "net.py").read_text() == NET
    assert [outcome.refusal for outcome in done.outcomes] == [""]
    assert (tmp_path / "runs").read_text() == "xx"
    assert done.written().is_written
    assert "8, 3, bias=False" in (tmp_path / "net.py").read_text()


ENDLESS = """
from torch import nn
class Before(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8))
class Builds(Before):
    def __init__(self):
        super().__init__()
        while True: pass
class Runs(Before):
    def forward(self, x):
        while True: pass
class After(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
"""


@pytest.mark.parametrize("fixes", [False, True])
def test_what_does_not_come_back_keeps_no_other_network_of_its_file_from_it(tmp_path, fixes):
    (tmp_path / "net.py").write_text(ENDLESS)
    done = lint_all(["net.py"], replace(order(fixes=fixes), run_all=False), Limits(seconds=0.5))
    assert [report.label for report in done.reports] == ["net.py:Before", "net.py:After"]
    assert [str(error).partition(";")[0] for error in done.failures] == [
        "net.py:Builds did not come back within 0.5 s: got 'while True: pass' (net.py:9)",
        "net.py:Runs did not come back within 0.5 s: got 'while True: pass' (net.py:12)",
    ]
    done.written()
    assert (tmp_path / "net.py").read_text().count("bias=False") == 2 * fixes


def test_a_file_is_given_up_after_three_networks_that_do_not_come_back(tmp_path):
    more = "\n".join(f"class Net{number}(Builds):\n    pass" for number in range(4))
    (tmp_path / "net.py").write_text(ENDLESS.replace("class Runs", f"{more}\nclass Runs"))
    done = lint_all(["net.py"], replace(order(), run_all=False), Limits(seconds=0.5))
    *ended, given_up = map(str, done.failures)
    assert [error.partition(" ")[0] for error in ended] == ["net.py:Builds", "net.py:Net0", "net.py:Net1"]
    problem = "the rest of net.py was not linted: got 3 networks that did not come back"
    assert given_up == f"{problem}; name a network to lint it: net.py:NAME"
    assert done.exit_code == 2


def test_what_no_fix_can_reach_is_told_first():
    with pytest.raises(ConvwrightError, match="resnet20 is not a file of yours"):
        lint_all(["resnet20"], order(fixes=True), Limits())


PARTS = "from torch import nn\ndef conv():\n    return nn.Conv2d(3, 8, 3)\n"
SHARING = """
from torch import nn
from parts_of_both import conv
class Net(nn.Sequential):
    def __init__(self):
        super().__init__(conv(), nn.BatchNorm2d(8))
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "net.py").rename(tmp_path / "sub" / "net.py")
    (tmp_path / "parts_of_both.py").write_text(PARTS)
    for name in ("first", "second"):
        (tmp_path / f"{name}.py").write_text(SHARING)
    # A network that needs the bias that the other's fix would take.
    (tmp_path / "third.py").write_text(f"{SHARING}        self[0].bias.requires_grad_(False)\n")
    (tmp_path / "broken.py").write_text("import torch\ndef Net(:\n")
    (tmp_path / "words.py").write_text("x = 1 / 0\n")
    (tmp_path / "pyproject.toml").write_text("")
    return tmp_path


def run(*options):
    result = CliRunner().invoke(app, ["lint", ".", "--select", "CW301", "--input", "3x16x16", *options])
    assert result.exit_code == 2, result.output
    return result


@pytest.mark.usefixtures("folder")
def test_a_folder_is_all_its_files():
    result = run("--format", "json", "--jobs", "2")
    labels = [report["model"] for report in json.loads(result.stdout)["reports"]]
    own = ["first.py:Net", "second.py:Net", "third.py:Net"]
    assert sorted(labels) == [*own[:2], "sub/net.py:NETWORK", "sub/net.py:Net", "sub/net.py:Other", own[2]]
    assert "broken.py" in result.stderr
    assert "words.py" not in result.stderr
    assert "4 files with 6 networks linted, 2 passed over" in result.stderr


def test_patterns_leave_files_out(folder):
    (folder / "pyproject.toml").write_text('[tool.convwright]\nexclude = ["sub"]\n')
    result = run("--format", "json", "--exclude", "second.py", "--exclude", "thi*")
    assert [report["model"] for report in json.loads(result.stdout)["reports"]] == ["first.py:Net"]


def test_files_that_share_source_are_fixed_together(folder):
    assert "third.py" in run("--fix", "--exclude", "sub").stdout
    assert (folder / "parts_of_both.py").read_text() == PARTS
    (folder / "third.py").unlink()
    run("--fix")
    assert (folder / "parts_of_both.py").read_text() == PARTS.replace("8, 3)", "8, 3, bias=False)")
    assert (folder / "sub" / "net.py").read_text().count("bias=False") == 2
    assert (folder / "first.py").read_text() == SHARING
