"""Findings as SARIF 2.1.0."""

import json
from pathlib import Path

import pytest
from torch import nn

from convwright import __version__
from convwright.errors import ConvwrightError
from convwright.graph import Place
from convwright.linter import Report, Severity
from convwright.linter.finding import suggestion
from convwright.reports.findings import sarif
from convwright.reports.findings.sarif import as_sarif
from reference.small_rules import finding, small_rule


@pytest.fixture(autouse=True)
def _rules(monkeypatch):
    rules = {code: small_rule(lambda *_: (), code=code) for code in ("CW900", "CW901", "CW902")}
    monkeypatch.setattr(sarif, "all_rules", lambda: rules)


def run_of(*findings):
    log = json.loads(as_sarif([Report(label="net", model=nn.ReLU(), findings=findings)]))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-2.1.0.json")
    (run,) = log["runs"]
    return run


def test_what_the_standard_requires():
    found = [finding("a", code="CW902"), finding("b"), finding("", severity=Severity.ERROR, fix=suggestion("think"))]
    run = run_of(*found, finding("c", severity=Severity.ADVICE))
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("convwright", __version__)
    assert [rule["id"] for rule in driver["rules"]] == ["CW900", "CW902"]
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"] == "It is odd."
        assert rule["help"]["markdown"].startswith("# CW90")
        assert rule["defaultConfiguration"]["level"] == "warning"
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {"none", "note", "warning", "error"}
        assert "is odd" in result["message"]["text"]
    assert {result["level"] for result in run["results"]} == {"note", "warning", "error"}


def test_without_findings_there_are_results_all_the_same():
    assert run_of()["results"] == []


def test_what_could_not_be_linted_is_a_notification():
    (run,) = json.loads(as_sarif([], [ConvwrightError("net.py:Net", expected="width")]))["runs"]
    (invocation,) = run["invocations"]
    assert not invocation["executionSuccessful"]
    assert [each["message"]["text"] for each in invocation["toolExecutionNotifications"]] == [
        "net.py:Net: expected width"
    ]
    assert run_of()["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]


def test_one_result_for_one_line_with_every_module():
    place = Place(file="/net.py", line=3)
    (result,) = run_of(*(finding(path, built=place) for path in "ab"))["results"]
    (location,) = result["locations"]
    assert [each["fullyQualifiedName"] for each in location["logicalLocations"]] == ["a", "b"]
    assert location["physicalLocation"]["region"] == {"startLine": 3}


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("net.py", "net.py"),
        ("sub dir/né #1.py", "sub%20dir/n%C3%A9%20%231.py"),
        ("/elsewhere/net 1.py", "file:///elsewhere/net%201.py"),
        ("/lib/site-packages/timm/net.py", "file:///lib/site-packages/timm/net.py"),
    ],
)
def test_addresses(file, uri, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    place = Place(file=str(Path(tmp_path, file)), line=1)
    (result,) = run_of(finding("a", built=place))["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_no_line_no_physical_location():
    (result,) = run_of(finding(""))["results"]
    assert result["locations"] == [{"logicalLocations": []}]
