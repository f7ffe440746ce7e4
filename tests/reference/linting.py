"""A rule's example as a file, built the way the command line builds it, and linted."""

from pathlib import Path
from typing import Any

from torch import nn

from convwright.graph.target import Target, load_target
from convwright.linter import Example, Finding, Report, Settings, lint
from convwright.models import build


def load_example(example: Example, folder: Path) -> Target:
    """The example written to `folder/net.py`, unless that exists, and built from there."""
    file = folder / "net.py"
    if not file.exists():
        file.write_text(example.module)
    return load_target(f"{file}:Net", zoo=build, zoo_names=())


def lint_example(example: Example, folder: Path, settings: Settings | None = None) -> Report:
    """What the linter says of an example, with its own settings unless others are given."""
    target = load_example(example, folder)
    return lint(target.model, example.inputs, settings=settings or example.settings, call_sites=target.call_sites)


def codes(report: Report, *severities: str) -> set[str]:
    """Codes of the findings, of all severities unless named."""
    return {finding.code for finding in report.findings if not severities or finding.severity in severities}


def found(code: str, model: nn.Module, shape: tuple[int, ...] = (2, 3, 32, 32), **settings: Any) -> list[Finding]:
    """What one rule says of a network."""
    return list(lint(model, shape, settings=Settings(select=(code,), **settings)).findings)
