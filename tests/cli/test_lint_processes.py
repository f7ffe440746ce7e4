"""Which models share a process, and in which order they are told."""

import pytest

from convwright.child_process import Limits
from convwright.cli._lint_jobs import LintOrder
from convwright.cli._lint_processes import lint_all
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


def test_what_no_fix_can_reach_is_told_first():
    with pytest.raises(ConvwrightError, match="resnet20 is not a file of yours"):
        lint_all(["resnet20"], order(fixes=True), Limits())
