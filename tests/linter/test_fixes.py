"""A fix edits only what it is sure to be alone in editing."""

import torch.nn.functional as F
from torch import nn

from convwright.linter import Safety
from convwright.linter.edits import RewriteCall
from reference.linting import found


class OnItsOwnLine(nn.Module):
    def forward(self, x):
        x = F.relu(x)
        return F.relu(x)


class Twice(nn.Module):
    def forward(self, x):
        for _ in range(3):
            x = F.relu(x)
        return x


def test_a_function_called_once_on_its_line_is_rewritten():
    (finding,) = found("CW303", OnItsOwnLine())
    assert [type(edit) for edit in finding.fix.edits] == [RewriteCall]


def test_a_line_that_runs_again_is_not():
    assert {finding.fix.safety for finding in found("CW303", Twice())} == {Safety.SUGGESTION}


def test_a_bias_goes_only_where_there_is_one():
    layers = [layer for n in range(11) for layer in (nn.Conv2d(8 if n else 3, 8, 3, padding=1, bias=n > 0), nn.ReLU())]
    (finding,) = found("CW309", nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 10)))
    assert [edit.path for edit in finding.fix.edits[:3]] == ["0", "2", "2"]
