"""From edits to calls in the source."""

from dataclasses import replace

import pytest

from convwright.errors import ConvwrightError
from convwright.linter import lint
from convwright.linter.edits import Replace, RewriteCall, SetArguments
from convwright.linter.report import FindingGroup
from convwright.linter.rewrite import rewrite
from convwright.linter.source_plan import plan_edits
from reference.small_rules import built, finding, fix

SOURCE = """from torch import nn
import torch.nn.functional as F
def Net():
    return nn.Sequential(nn.Conv2d(3, 4, 1), nn.ReLU(), Last())
class Last(nn.Module):
    def forward(self, x):
        return F.relu(x) + (x
            .relu()
            .flatten(1).view(2, 4, 8, 8)) + F.relu(F.relu(x))
"""


@pytest.fixture
def report(tmp_path):
    (tmp_path / "net.py").write_text(SOURCE)
    network = built(tmp_path / "net.py")
    return lint(network.module, (2, 3, 8, 8), call_sites=network.call_sites)


def read(file):
    with open(file) as text:
        return text.read()


def applied(report, *edits):
    mine = finding(fix=fix(*edits))
    plan = plan_edits((replace(report, findings=(mine,)),), FindingGroup(findings=(mine,)), read)
    ((file, actions),) = plan.items()
    return rewrite(read(file), actions)


def test_several_edits_of_one_call_follow_each_other(report):
    text = applied(
        report,
        SetArguments(path="0", values={"bias": False}),
        SetArguments(path="0", values={"out_channels": 8}),
        Replace(path="1", code="nn.Sequential({old}, nn.Tanh())"),
    )
    assert "nn.Sequential(nn.Conv2d(3, 8, 1, bias=False), nn.Sequential(nn.ReLU(), nn.Tanh()), Last())" in text


def test_an_edit_that_two_findings_ask_for_is_made_once(report):
    wrapped = Replace(path="1", code="nn.Sequential({old})")
    assert "nn.Sequential(nn.ReLU())" in applied(report, wrapped, wrapped)
    assert "nn.Sequential(nn.Sequential(" not in applied(report, wrapped, wrapped)


def test_methods_in_a_chain_are_found_by_their_own_line(report):
    (view,) = (op for op in report.analysis.graph if op.kind == "view")
    assert "(x\n            .relu()\n            .flatten(1).view(2, 4, 8, 8))" in SOURCE
    text = applied(report, RewriteCall(op=view, code="{input}.unflatten(1, (4, 8, 8))"))
    assert ".flatten(1).unflatten(1, (4, 8, 8))" in text


def test_two_calls_of_a_kind_on_a_line_are_refused(report):
    relus = [op for op in report.analysis.graph if op.kind == "relu" and op.path == "2" and op.place.line == 9]
    assert len(relus) == 2
    with pytest.raises(ConvwrightError, match="expected one call of relu, got 2"):
        applied(report, *(RewriteCall(op=op, code="{input}") for op in relus))


def test_what_has_no_line_is_refused(report):
    with pytest.raises(ConvwrightError, match="not constructed by a line"):
        applied(report, SetArguments(path="nowhere", values={}))
