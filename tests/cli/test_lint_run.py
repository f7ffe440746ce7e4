"""The outcome of a call of `convwright lint`."""

import pickle

import pytest
from torch import nn

from convwright.cli._lint_run import LintRun
from convwright.errors import ConvwrightError
from convwright.linter import Report, Severity
from convwright.linter.fix_loop import FixOutcome
from convwright.linter.report import FindingGroup
from reference.small_rules import finding


def test_a_report_travels_without_its_network():
    report = Report(label="net", model=nn.ReLU(), findings=(finding(severity=Severity.ERROR),))
    sent = pickle.loads(pickle.dumps(report))
    assert sent.to_dict() == report.to_dict()
    assert not hasattr(sent, "model")


@pytest.mark.parametrize(
    ("left", "fixed", "is_written", "failed", "code"),
    [
        ([], [], True, False, 0),
        ([Severity.ADVICE], [], True, False, 0),
        ([Severity.WARNING], [], True, False, 1),
        ([Severity.ERROR], [], True, True, 2),
        ([], [Severity.WARNING], True, False, 0),
        ([], [Severity.WARNING], False, False, 1),
        ([], [Severity.ADVICE], False, False, 0),
    ],
)
def test_exit_codes_are_of_what_is_on_disk(left, fixed, is_written, failed, code):
    report = Report(label="", model=nn.ReLU(), findings=tuple(finding(severity=each) for each in left))
    outcomes = tuple(FixOutcome(group=FindingGroup(findings=(finding(severity=each),))) for each in fixed)
    failures = (ConvwrightError("x"),) * failed
    assert LintRun(reports=(report,), outcomes=outcomes, is_written=is_written, failures=failures).exit_code == code
