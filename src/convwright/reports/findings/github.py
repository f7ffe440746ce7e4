"""Findings as annotations of a GitHub workflow: they appear beside the lines of a pull request."""

from collections.abc import Sequence

from ...errors import ConvwrightError
from ...linter.finding import Severity
from ...linter.report import Report
from ...networks.reading.notebook import file_line

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.ADVICE: "notice"}


def as_github(reports: Sequence[Report], failures: Sequence[ConvwrightError] = ()) -> str:
    """One workflow command for each finding, and for each network that could not be linted.

    Source: "Workflow commands for GitHub Actions", setting an error message, in GitHub's documentation.
    """
    lines = [f"::error title=not linted::{_data(str(error))}\n" for error in failures]
    for report in reports:
        for folded in report.groups:
            first = folded.first
            properties = {"title": f"{first.code} {first.name}"}
            if first.place:
                properties = {"file": first.place.shown_file, "line": str(file_line(first.place))} | properties
            listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
            places = f" ({len(folded.paths)} places)" if len(folded.paths) > 1 else ""
            fix = f"; {first.fix.summary}" if first.fix else ""
            cell = f" ({first.place.cell})" if first.place and first.place.cell else ""
            text = f"{report.label}: `{first.path or 'the network'}` {first.message}{places}{fix}{cell}"
            lines.append(f"::{_COMMANDS[first.severity]} {listed}::{_data(text)}\n")
    return "".join(lines)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
