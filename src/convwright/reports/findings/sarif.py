"""Findings as SARIF, which code hosts and editors read.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0", section 3.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ... import __version__
from ...errors import ConvwrightError
from ...linter.engine import all_rules
from ...linter.finding import Severity
from ...linter.report import FindingGroup, Report
from ...linter.rule import Rule
from ...networks.reading.notebook import file_line
from .rule_page import rule_page

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.ADVICE: "note"}


def as_sarif(reports: Sequence[Report], failures: Sequence[ConvwrightError] = ()) -> str:
    """One run: the rules that fired, a result for each finding, a notification for what could not be linted."""
    found = [(report, folded) for report in reports for folded in report.groups]
    known = all_rules()
    fired = sorted({folded.first.code for _, folded in found})
    run = {
        "tool": {
            "driver": {
                "name": "convwright",
                "version": __version__,
                "rules": [_rule(known[code]) for code in fired],
            }
        },
        "invocations": [
            {
                "executionSuccessful": not failures,
                "toolExecutionNotifications": [{"level": "error", "message": {"text": str(each)}} for each in failures],
            }
        ],
        "results": [_result(report, folded, fired) for report, folded in found],
    }
    log = {"version": "2.1.0", "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "runs": [run]}
    return json.dumps(log, indent=2) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    page = rule.page()
    return {
        "id": rule.code,
        "name": type(rule).__name__,
        "shortDescription": {"text": page["what"]},
        "fullDescription": {"text": page["why"]},
        "help": {"text": page["why"], "markdown": rule_page(rule)},
        "defaultConfiguration": {"level": _LEVELS[rule.severity], "enabled": rule.is_default},
    }


def _result(report: Report, folded: FindingGroup, fired: list[str]) -> dict[str, Any]:
    first = folded.first
    text = f"{report.label}: `{first.path or 'the network'}` {first.message}"
    location: dict[str, Any] = {
        "logicalLocations": [{"fullyQualifiedName": path, "kind": "member"} for path in folded.paths if path]
    }
    if first.place:
        region = {"startLine": file_line(first.place)}
        if first.place.cell:
            location["logicalLocations"].append({"fullyQualifiedName": str(first.place.cell), "kind": "cell"})
            text += f" ({first.place.cell})"
        location["physicalLocation"] = {"artifactLocation": {"uri": _uri(first.place.file)}, "region": region}
    return {
        "ruleId": first.code,
        "ruleIndex": fired.index(first.code),
        "level": _LEVELS[first.severity],
        "message": {"text": f"{text}; {first.fix.summary}" if first.fix else text},
        "locations": [location],
    }


def _uri(file: str) -> str:
    """The address of a file, relative to the current folder where it lies below."""
    path = Path(file)
    if path.is_relative_to(Path.cwd()):
        return quote(path.relative_to(Path.cwd()).as_posix())
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
