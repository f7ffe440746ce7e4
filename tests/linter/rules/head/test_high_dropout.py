"""CW605 where one layer is called twice."""

from torch import nn

from convwright.linter import Safety
from reference.linting import found


def test_a_shared_dropout_is_not_edited():
    drop = nn.Dropout(0.8)
    findings = found("CW605", nn.Sequential(drop, nn.Linear(8, 8), drop), (2, 8))
    assert [finding.fix.safety for finding in findings] == [Safety.SUGGESTION] * 2
