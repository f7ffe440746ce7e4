"""A model is linted with the inputs that were found for it at first."""

import subprocess
import sys

import pytest
from torch import nn

from convwright.errors import ConvwrightError
from convwright.linter import Settings
from convwright.linter.lint_task import LintTask
from convwright.networks import Network


def test_the_inputs_that_were_found_first_are_kept():
    channels = [1]
    load = lambda: Network(module=nn.Sequential(nn.Conv2d(channels[0], 2, 3)), label="net")  # noqa: E731
    task = LintTask(load=load, settings=Settings(select=("CW301",)), label="net.py:net")
    assert "input 1x1x224x224" in task.report().assumptions[0]
    assert task.file == "net.py"
    channels[0] = 3  # after an edit that breaks it, no other input is looked for
    with pytest.raises(ConvwrightError, match="expected 3 channels, got 1"):
        task.report()


def test_linting_needs_no_parser_of_source():
    code = "import sys; import convwright.linter.lint_task; sys.exit('libcst' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


class Negated(nn.Conv2d):
    def forward(self, x):
        return super().forward(x) if x.sum() > 0 else x


def test_computing_may_be_forbidden():
    load = lambda: Network(module=Negated(3, 2, 3), label="net")  # noqa: E731
    settings = Settings(select=("CW301",))
    assert "depends on values" in LintTask(load=load, settings=settings).report().assumptions[-1]
    with pytest.raises(ConvwrightError, match="depends on data"):
        LintTask(load=load, settings=settings, values=False).report()
