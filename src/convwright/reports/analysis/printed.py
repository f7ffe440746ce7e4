"""`convwright.analyze`: an analysis that shows itself in a terminal and in a notebook."""

from dataclasses import fields
from typing import TYPE_CHECKING

from torch import nn

from ...analysis.analyze import analyze as analyze_facts
from ...analysis.facts import Analysis
from ...analysis.memory_fit import MemoryFit
from ...errors import ConvwrightError
from ...graph.inputs import Inputs
from ..to_text import as_string
from .memory_fit import PrintedFit
from .text import analysis_text

if TYPE_CHECKING:
    from pandas import DataFrame


class PrintedAnalysis(Analysis):
    """An `Analysis` with a face; the facts are the same."""

    def __str__(self) -> str:
        return as_string(analysis_text(self))

    def __repr__(self) -> str:
        return f"<Analysis of {self.label}: {len(self.graph.ops)} ops; print it, or see .totals and .ops>"

    def _repr_html_(self) -> str:
        from .page import analysis_fragment  # here, so that a terminal does not wait for templates

        return analysis_fragment(self)

    def fits(self, budget: int | str, *, batch: int | None = None, optimizer: str = "sgd_momentum") -> PrintedFit:
        """Find the largest batch within a budget of memory ("2GiB"); see `analysis.memory_fit.fit_memory`."""
        found = super().fits(budget, batch=batch, optimizer=optimizer)
        return PrintedFit(**{f.name: getattr(found, f.name) for f in fields(MemoryFit)})

    def to_pandas(self) -> "DataFrame":
        """Return a table of the ops in call order, with the columns of the JSON.

        Raises
        ------
        ConvwrightError
            When pandas is not installed.
        """
        try:
            from pandas import DataFrame
        except ImportError as error:
            raise ConvwrightError("a DataFrame needs pandas", hint="pip install pandas") from error
        return DataFrame([row.to_dict() for row in self.ops])


def analyze(
    model: nn.Module, inputs: Inputs, *, label: str = "", values: bool = True, train: bool = False
) -> PrintedAnalysis:
    """State the facts of any `nn.Module`; see `analysis.analyze.analyze`.

    Examples
    --------
    >>> found = analyze(nn.Conv2d(3, 8, 3), (1, 3, 32, 32))
    >>> found
    <Analysis of Conv2d: 1 ops; print it, or see .totals and .ops>
    """
    found = analyze_facts(model, inputs, label=label, values=values, train=train)
    return PrintedAnalysis(**{f.name: getattr(found, f.name) for f in fields(Analysis)})
