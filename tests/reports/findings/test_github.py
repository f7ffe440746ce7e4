"""Findings as workflow commands."""

from torch import nn

from convwright.errors import ConvwrightError
from convwright.graph import Place
from convwright.linter import Report, Severity
from convwright.linter.finding import suggestion
from convwright.reports.findings.github import as_github
from reference.small_rules import finding


def lines(*findings):
    return as_github([Report(label="net", model=nn.ReLU(), findings=findings)]).splitlines()


def test_severities_and_places(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    place = Place(file=str(tmp_path / "net.py"), line=12)
    assert lines(finding("a", built=place, severity=Severity.ERROR)) == [
        "::error file=net.py,line=12,title=CW900 small::net: `a` is odd"
    ]
    assert lines(finding("a"))[0].startswith("::warning title=CW900 small::")
    assert lines(finding("", severity=Severity.ADVICE, fix=suggestion("think"))) == [
        "::notice title=CW900 small::net: `the network` is odd; think"
    ]
    assert lines() == []


def test_what_could_not_be_linted_is_an_error():
    assert as_github([], [ConvwrightError("net.py:Net\nraises")]) == "::error title=not linted::net.py:Net%0Araises\n"


def test_one_line_for_one_line():
    place = Place(file="/net.py", line=12)
    assert lines(*(finding(path, built=place) for path in "abc")) == [
        "::warning file=/net.py,line=12,title=CW900 small::net: `a` is odd (3 places)"
    ]


def test_what_would_end_a_command_early_is_escaped():
    place = Place(file="/a,b:c%d.py", line=1)
    (line,) = lines(finding("a", built=place, message="50% of it:\r\nodd, really"))
    assert line == ("::warning file=/a%2Cb%3Ac%25d.py,line=1,title=CW900 small::net: `a` 50%25 of it:%0D%0Aodd, really")
