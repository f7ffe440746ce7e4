"""Which turn of a single knob makes a finding go away: each is built, looked at and linted before it is offered."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any

from ..analysis.facts import Analysis
from ..linter import Report
from ..linter.fixing import why_not_better
from ..linter.report import Folded
from ..models import config_of, model_names
from .design import Design
from .knobs import Knob, knobs_of
from .view import View

_TASK = ("num_classes", "in_channels")  # what the data ask for, and no designer chooses
_OFFERED = 3


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One knob at another value, which mends the finding.

    Attributes
    ----------
    knob : Knob
        Which.
    design : Design
        With it turned.
    report : Report
        Of that network.
    change : float
        How far its costs are from those before: the sum of the logarithms of their ratios.
    """

    knob: Knob
    design: Design
    report: Report
    change: float


class Search:
    """Every design that is one turn away, looked at one after another.

    Parameters
    ----------
    design : Design
        Of the zoo, as it is.
    report : Report
        Of its network.
    folded : Folded
        The findings that are to go away: their rule has to be silent.
    look : callable
        See `Workbench.look`.

    Attributes
    ----------
    found : dict of str to Turn
        Of the turns so far that leave the network better, by knob the one with the least change of its costs.
    num_tried, num_turns : int
        How many have been looked at, of how many.
    """

    def __init__(self, design: Design, report: Report, folded: Folded, look: Callable[[Design], View]) -> None:
        self._report, self._folded, self._look = report, folded, look
        # Names and switches first: they are few, and they do it more often.
        self._turns = sorted(turned(design), key=lambda turn: turn[0].kind not in ("choice", "switch"))
        self.found: dict[str, Turn] = {}
        self.num_tried, self.num_turns = 0, len(self._turns)
        self._is_stopped = False

    @property
    def is_done(self) -> bool:
        """Whether all have been looked at, or nobody wants to wait for the others."""
        return self._is_stopped or self.num_tried == self.num_turns

    def stop(self) -> None:
        """Look at no more."""
        self._is_stopped = True

    def more(self, seconds: float) -> None:
        """Look at some more, for about so long."""
        end = monotonic() + seconds
        while not self.is_done and monotonic() < end:
            knob, design = self._turns[self.num_tried]
            self.num_tried += 1
            if turn := self._tried(knob, design):
                self.found[knob.name] = turn

    @property
    def best(self) -> list[Turn]:
        """The few with the least change."""
        return sorted(self.found.values(), key=lambda turn: turn.change)[:_OFFERED]

    def _tried(self, knob: Knob, design: Design) -> Turn | None:
        view = self._look(design)
        if view.analysis is None or view.report is None:
            return None
        change = _change(self._report.analysis, view.analysis)
        if knob.name in self.found and change >= self.found[knob.name].change:
            return None
        is_silent = self._folded.first.code not in {finding.code for finding in view.report.findings}
        if not is_silent or why_not_better((self._report,), (view.report,), self._folded):
            return None
        return Turn(knob=knob, design=design, report=view.report, change=change)


def turned(design: Design) -> Iterator[tuple[Knob, Design]]:
    """The designs of the same model that differ in one knob.

    Names are turned to every other name, switches over; numbers to their half, double and neighbours, and to what the
    same field is in other models of the zoo.
    """
    knobs = knobs_of(design.model)
    now = {knob.name: knob.default for knob in knobs} | design.options
    for knob in knobs:
        if knob.name in _TASK:
            continue
        for value in _others(knob, now[knob.name]):
            values = now | {knob.name: value}
            changes = tuple((each.name, values[each.name]) for each in knobs if values[each.name] != each.default)
            yield knob, replace(design, changes=changes)


def _others(knob: Knob, value: Any) -> list[Any]:
    """Other values to try, each once."""
    found: list[Any] = []
    if knob.kind == "choice":
        found = [*knob.choices]
    elif knob.kind == "switch":
        found = [not value]
    elif knob.kind in ("whole", "number"):
        found = [*_near(value), *_published(knob)]
    elif knob.kind == "numbers":
        found = [*_near_each(value), *_published(knob)]
    elif knob.kind == "rows":
        rows = [(*value[:n], other, *value[n + 1 :]) for n, row in enumerate(value) for other in _near_each(row)]
        found = [*rows, *_published(knob)]
    return [each for each in dict.fromkeys(found) if each != value]


def _near_each(values: tuple[int, ...]) -> list[tuple[float, ...]]:
    return [(*values[:n], near, *values[n + 1 :]) for n, value in enumerate(values) for near in _near(value)]


def _near(value: float) -> list[float]:
    if isinstance(value, int):
        return [near for near in (value - 1, value + 1, value // 2, 2 * value) if near > 0]
    return [value / 2, 2 * value]


def _published(knob: Knob) -> list[Any]:
    """What the field is in the models of the zoo that have it."""
    values = [getattr(config_of(name), knob.name, knob.default) for name in model_names()]
    return [value for value in values if type(value) is type(knob.default)]


def _change(before: Analysis | None, after: Analysis) -> float:
    if before is None:
        return 0.0
    pairs = [
        (getattr(before.totals, name), getattr(after.totals, name))
        for name in ("parameters", "macs", "activation_bytes", "peak_inference_bytes")
    ]
    return sum(abs(math.log(new / old)) for old, new in pairs if old and new)
