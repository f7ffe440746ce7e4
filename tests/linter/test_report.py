"""Findings group by the line they come from."""

from torch import nn

from convwright.graph import Place
from convwright.graph.call_sites import CallSite
from convwright.linter import Gain, Report, Severity
from reference.small_rules import finding

HERE, THERE = Place(file="/net.py", line=3), Place(file="/net.py", line=4)


def site(line, column):
    return CallSite(file="/net.py", line=line, column=column, end_line=line, end_column=column + 5)


def report(*findings, **given):
    return Report(label="net", model=nn.ReLU(), findings=findings, **given)


def test_one_line_is_one_finding_with_all_its_paths_and_gains():
    every = [finding(f"layer.{i}", built=HERE, gain=Gain(macs=i)) for i in range(16)]
    (group,) = report(*every).groups
    assert len(group.paths) == 16
    assert group.gain == Gain(macs=120)
    assert group.first.path == "layer.0"
    assert group.to_dict()["gain"]["macs"] == 120
    assert len(group.to_dict()["paths"]) == 16


def test_other_lines_other_rules_and_other_calls_on_a_line_stay_apart():
    sites = {"a": site(3, 0), "b": site(3, 9), "c": site(3, 0)}
    found = [finding(path, built=HERE) for path in "abc"]
    found += [finding("d", built=THERE), finding("a", built=HERE, code="CW901"), finding("e"), finding("f")]
    paths = [group.paths for group in report(*found, call_sites=sites).groups]
    assert paths == [("a", "c"), ("b",), ("d",), ("e",), ("f",), ("a",)]


def test_functional_calls_fold_by_the_line_that_calls():
    sites = {"a": site(3, 0), "b": site(9, 0)}
    found = [finding("a", called=HERE), finding("b", called=HERE), finding("a", called=THERE)]
    assert [group.paths for group in report(*found, call_sites=sites).groups] == [("a", "b"), ("a",)]


def test_a_path_that_is_found_twice_is_named_once():
    (group,) = report(finding("a", built=HERE), finding("a", built=HERE)).groups
    assert group.paths == ("a",)


def test_errors_come_first_and_only_advice_is_clean():
    kinds = [Severity.ADVICE, Severity.WARNING, Severity.ERROR]
    found = [finding(str(severity), severity=severity, code=f"CW{n}") for n, severity in enumerate(kinds)]
    assert [group.first.severity for group in report(*found).groups] == kinds[::-1]
    assert report(*found[:1]).is_clean
    assert not report(*found[:2]).is_clean
    assert report().is_clean


def test_the_keys_of_the_json():
    plain = report(finding("a")).to_dict()
    assert list(plain) == ["schema", "model", "assumptions", "is_clean", "findings"]
    keys = {"code", "name", "severity", "path", "message", "built", "called", "gain", "fix", "paths"}
    assert set(plain["findings"][0]) == keys
