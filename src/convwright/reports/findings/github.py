"""Findings as annotations of a GitHub workflow: they appear beside the lines of a pull request."""

from collections.abc import Sequence

from ...linter.finding import Severity
from ...linter.report import Report

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.ADVICE: "notice"}


def as_github(reports: Sequence[Report]) -> str:
    """One workflow command a finding.

    Source: "Workflow commands for GitHub Actions", setting an error message, in GitHub's documentation.
    """
    lines = []
    for report in reports:
        for folded in report.groups:
            first = folded.first
            properties = {"title": f"{first.code} {first.name}"}
            if first.place:
                file, _, line = str(first.place).rpartition(":")
                properties = {"file": file, "line": line} | properties
            listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
            places = f" ({len(folded.paths)} places)" if len(folded.paths) > 1 else ""
            fix = f"; {first.fix.summary}" if first.fix else ""
            text = f"{report.label}: `{first.path or 'the network'}` {first.message}{places}{fix}"
            lines.append(f"::{_COMMANDS[first.severity]} {listed}::{_data(text)}\n")
    return "".join(lines)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
