"""CW601 asks what the network ends in while training."""

import torch.nn.functional as F
from torch import nn

from convwright.linter import Severity
from convwright.linter.edits import RewriteCall
from reference.linting import found


class Head(nn.Module):
    def __init__(self, always):
        super().__init__()
        self.fc, self.always = nn.Linear(8, 10), always

    def forward(self, x):
        x = self.fc(x)
        return F.softmax(x, dim=-1) if self.always or not self.training else x


def test_softmax_for_evaluation_only_is_right():
    assert not found("CW601", Head(always=False), (2, 8))


def test_a_functional_call_is_rewritten_and_the_floor_is_named():
    (finding,) = found("CW601", Head(always=True), (2, 8))
    assert isinstance(finding.fix.edits[0], RewriteCall)
    assert "cannot fall below 1.46" in finding.message


def test_log_softmax_twice_is_harmless():
    (finding,) = found("CW601", nn.Sequential(nn.Linear(8, 10), nn.LogSoftmax(dim=1)), (2, 8))
    assert finding.severity is Severity.ADVICE


def test_other_losses_and_attention_are_left_alone():
    net = nn.Sequential(nn.Linear(8, 10), nn.Softmax(dim=1))
    assert not found("CW601", net, (2, 8), loss="mse")
    assert not found("CW601", nn.Sequential(*net, nn.Linear(10, 5)), (2, 8))
