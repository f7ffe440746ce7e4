"""A rule's example as a file, built the way the command line builds it, and linted."""

from pathlib import Path
from typing import Any

from torch import nn

from convwright.linter import Example, Finding, Report, Settings, lint
from convwright.networks import Network, NetworkName, open_network


def load_example(example: Example, folder: Path) -> Network:
    """The example written to `folder/net.py`, unless that exists, and built from there."""
    file = folder / "net.py"
    if not file.exists():
        file.write_text(example.module)
    return open_network(NetworkName(text=f"{file}:Net"))


def lint_example(example: Example, folder: Path, settings: Settings | None = None) -> Report:
    """What the linter says of an example, with its own settings unless others are given."""
    network = load_example(example, folder)
    return lint(network.module, example.inputs, settings=settings or example.settings, call_sites=network.call_sites)


def codes(report: Report, *severities: str) -> set[str]:
    """Codes of the findings, of all severities unless named."""
    return {finding.code for finding in report.findings if not severities or finding.severity in severities}


def found(code: str, model: nn.Module, shape: tuple[int, ...] = (2, 3, 32, 32), **settings: Any) -> list[Finding]:
    """What one rule says of a network."""
    return list(lint(model, shape, settings=Settings(select=(code,), **settings)).findings)
