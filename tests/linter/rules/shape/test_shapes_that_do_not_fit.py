import pytest
import torch
from torch import nn

from convwright import ConvwrightError
from convwright.linter import Safety, lint


def test_the_channels_of_a_norm_are_set():
    (finding,) = lint(nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(4)), (1, 3, 8, 8)).findings
    assert (finding.path, finding.fix.summary) == ("1", "set num_features=8")


def test_a_layer_that_reads_the_input_may_be_right_and_the_input_wrong():
    (finding,) = lint(nn.Conv2d(3, 8, 3), (1, 1, 8, 8)).findings
    assert finding.fix.safety is Safety.SUGGESTION


def test_groups_are_not_guessed():
    (finding,) = lint(nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(6, 6, 3, groups=6)), (1, 3, 8, 8)).findings
    assert (finding.code, finding.fix.safety) == ("CW103", Safety.SUGGESTION)


def test_a_failure_that_nobody_explains_keeps_torchs_words():
    class Net(nn.Module):
        def forward(self, x):
            return torch.einsum("nchw,cd->nd", x, x)

    (finding,) = lint(Net(), (1, 3, 8, 8)).findings
    assert finding.code == "CW103"
    assert "einsum" in finding.message


def test_an_error_of_the_models_own_code_is_raised():
    class Net(nn.Module):
        def forward(self, x):
            raise RuntimeError(f"not {x.ndim} axes")

    with pytest.raises(ConvwrightError, match="not 4 axes"):
        lint(Net(), (1, 3, 8, 8))
