"""Findings in a terminal and as JSON."""

import json

import pytest
from torch import nn

from convwright.errors import ConvwrightError
from convwright.graph import Place
from convwright.graph.call_sites import CallSite
from convwright.linter import Gain, Report, Safety, Severity
from convwright.linter.edits import Delete
from convwright.linter.finding import suggestion
from convwright.linter.fix_loop import FixOutcome
from convwright.linter.report import FindingGroup
from convwright.reports.findings.text import (
    findings_json,
    findings_text,
    fixes_text,
    gain_words,
    statistics_text,
    summary,
)
from convwright.reports.to_text import as_string
from reference.small_rules import finding, fix

SITE = CallSite(file="/net.py", line=7, column=0, end_line=7, end_column=9)


def report(*findings, **given):
    return Report(**{"label": "net.py:Net", **given}, model=nn.ReLU(), findings=findings)


def sixteen(**given):
    place = Place(file="/net.py", line=7)
    return [finding(f"block.{i}", built=place, gain=Gain(macs=10**6), **given) for i in range(16)]


def test_one_line_is_told_once_with_all_that_it_makes():
    text = as_string(findings_text([report(*sixteen(fix=suggestion("think [again]")))]))
    assert text.count("CW900") == 1
    assert "block.0 is odd" in text
    assert "built at /net.py:7; 16 places: block.0, block.1, block.2, ... block.15" in " ".join(text.split())
    assert "saves 16.0 MMACs" in text
    assert "suggestion: think [again]" in text
    assert "1 warning" in text


def test_a_network_without_findings():
    text = as_string(findings_text([report()]))
    assert "nothing to say" in text
    assert "no findings" in text


def test_the_network_itself_and_a_fix():
    text = as_string(findings_text([report(finding("", fix=fix(Delete(path="a"))))]))
    assert "the network is odd" in text
    assert "fix (changes training): change it" in text


def test_the_summary_counts_folded_findings_and_what_can_be_fixed():
    found = [
        finding("a", severity=Severity.ERROR, fix=fix(Delete(path="a"), safety=Safety.SAME_OUTPUT)),
        finding("b", fix=fix(Delete(path="b"))),
        finding("c", fix=suggestion("think")),
        finding("d", severity=Severity.ADVICE),
    ]
    told = "1 error, 2 warnings, 1 of advice"
    assert summary([report(*found)]) == told
    assert summary([report(*found, call_sites={"a": SITE})]) == (
        f"{told}; 1 fixable with --fix; 1 more with --fix --unsafe-fixes"
    )
    assert summary([report(found[1], call_sites={"b": SITE})]) == "1 warning; 1 with --fix --unsafe-fixes"


def test_statistics_count_lines_and_places():
    text = as_string(statistics_text([report(*sixteen()), report(finding("a", code="CW901"), *sixteen())]))
    rows = [line.split() for line in text.splitlines() if line.startswith("CW")]
    assert rows == [["CW900", "small", "warning", "2", "32"], ["CW901", "small", "warning", "1", "1"]]


@pytest.mark.parametrize(
    ("is_written", "told"), [(True, "CW900 fixed: change it"), (False, "would be fixed: change it")]
)
def test_what_was_fixed_and_what_was_not(is_written, told):
    done = FindingGroup(findings=(finding("a", built=Place(file="/net.py", line=7), fix=fix(Delete(path="a"))),))
    text = as_string(
        fixes_text([FixOutcome(group=done), FixOutcome(group=done, refusal="no [use]")], is_written=is_written)
    )
    first, second = text.splitlines()
    assert told in first
    assert second == "/net.py:7 CW900 not fixed: no [use]"


def test_what_was_not_done_is_said_once_a_file():
    notes = {"not_done": ("no weights",), "assumptions": ("width=8",)}
    reports = [report(label=label, **notes) for label in ("net.py:Net", "net.py:Other", "b.py:Net")]
    heads = [line for line in as_string(findings_text(reports)).splitlines() if ":" in line]
    assert heads == [
        "net.py:Net (no weights; width=8)",
        "net.py:Other (width=8)",
        "b.py:Net (no weights; width=8)",
    ]
    assert [each.to_dict()["assumptions"] for each in reports] == [["no weights", "width=8"]] * 3


def test_json_is_a_contract():
    read = json.loads(findings_json([report(*sixteen()), report()], [ConvwrightError("net.py:Other")]))
    assert list(read) == ["schema", "reports", "failures"]
    assert read["failures"] == ["net.py:Other"]
    assert read["schema"] == 1
    (folded,) = read["reports"][0]["findings"]
    assert folded["gain"] == {"parameters": 0, "macs": 16 * 10**6, "activation_bytes": 0}
    assert folded["built"] == {"file": "/net.py", "line": 7}
    assert len(folded["paths"]) == 16
    assert read["reports"][1] == {
        "schema": 1,
        "model": "net.py:Net",
        "assumptions": [],
        "is_clean": True,
        "findings": [],
    }


def test_gains_in_words():
    assert gain_words(Gain()) == ""
    assert gain_words(Gain(parameters=5, activation_bytes=2048)) == "saves 5 parameters, 2.00 KiB of activations"
    assert gain_words(Gain(macs=-3)).startswith("costs 3")
