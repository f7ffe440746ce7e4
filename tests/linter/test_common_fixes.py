"""A fix edits only what it is sure to be alone in editing."""

import torch.nn.functional as F
from torch import nn

from convwright.linter import Example, Settings
from convwright.linter.edits import RewriteCall
from convwright.linter.fix_source import SourceFixer
from convwright.linter.lint_task import LintTask
from convwright.networks import NetworkInput
from reference.linting import found, load_example


class OnItsOwnLine(nn.Module):
    def forward(self, x):
        x = F.relu(x)
        return F.relu(x)


TWICE = """
class Net(nn.Module):
    def forward(self, x):
        for _ in range(3):
            x = F.relu(x)
        return x
"""


def test_a_function_called_once_on_its_line_is_rewritten():
    (finding,) = found("CW303", OnItsOwnLine())
    assert [type(edit) for edit in finding.fix.edits] == [RewriteCall]


def test_a_line_that_also_runs_where_nothing_is_found_is_left_alone(tmp_path):
    example = Example(source=TWICE)
    job = LintTask(
        load=lambda: load_example(example, tmp_path),
        inputs=(NetworkInput(shape=example.inputs),),
        settings=Settings(select=("CW303",)),
    )
    result = SourceFixer(tasks=(job,)).fix(unsafe=True)
    assert result.state == {}
    assert "also runs where the finding does not hold" in result.refused[0].refusal


def test_a_bias_goes_only_where_there_is_one():
    layers = [layer for n in range(11) for layer in (nn.Conv2d(8 if n else 3, 8, 3, padding=1, bias=n > 0), nn.ReLU())]
    (finding,) = found("CW309", nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 10)))
    assert [edit.path for edit in finding.fix.edits[:3]] == ["0", "2", "2"]
