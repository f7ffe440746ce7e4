"""`convwright.lint`: findings that show themselves in a terminal and in a notebook."""

from dataclasses import fields
from html import escape

from torch import nn

from ...graph.inputs import Inputs
from ...linter.engine import lint as find
from ...linter.report import Report
from ...linter.settings import Settings
from ..to_text import as_string
from .text import findings_text, summary


class PrintedReport(Report):
    """A `Report` with a face; the findings are the same."""

    def __str__(self) -> str:
        return as_string(findings_text([self]))

    def __repr__(self) -> str:
        return f"<Report on {self.label}: {summary([self])}>"

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


def lint(
    model: nn.Module, inputs: Inputs, *, settings: Settings | None = None, label: str = "", values: bool = True
) -> PrintedReport:
    """Say what is wrong with a network; see `linter.engine.lint`.

    Examples
    --------
    >>> lint(nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8)), (1, 3, 32, 32))
    <Report on Sequential: 1 warning>
    """
    found = find(model, inputs, settings=settings, label=label, values=values)
    return PrintedReport(**{f.name: getattr(found, f.name) for f in fields(Report)})
