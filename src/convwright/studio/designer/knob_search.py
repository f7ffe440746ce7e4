"""Changes of knobs that fix a finding: each is built, analyzed and linted before it is offered.

A change that does it, but brings something else, is tried again with each switch and each name of a second knob.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any

from ...analysis.facts import Analysis
from ...linter import Report
from ...linter.fix_loop import why_not_better
from ...linter.report import FindingGroup
from ...models import config_of, model_names
from ..shared.design import Design
from ..shared.knobs import Knob, knobs_of
from ..shared.view import View

_TASK = ("num_classes", "in_channels")  # what the data ask for, and no designer chooses
_OFFERED = 3
_SECONDS = 3  # changes that are given a second one


@dataclass(frozen=True, kw_only=True)
class KnobChange:
    """One knob at another value, or two, which fixes the finding.

    Attributes
    ----------
    knobs : tuple of Knob
        Which.
    design : Design
        The design with the change.
    report : Report
        Of that network.
    cost_change : float
        How far its costs are from those before: the sum of the logarithms of their ratios.
    """

    knobs: tuple[Knob, ...]
    design: Design
    report: Report
    cost_change: float

    @property
    def key(self) -> str:
        """The names of its knobs.

        >>> norm, bias = (Knob(name=name, kind="word", default="") for name in ("norm", "conv_bias"))
        >>> KnobChange(knobs=(norm, bias), design=Design(model="vgg16"), report=None, cost_change=0.0).key
        'norm+conv_bias'
        """
        return "+".join(knob.name for knob in self.knobs)


class KnobSearch:
    """Search over every design that is one change away, and then some that are two.

    Parameters
    ----------
    design : Design
        Of the zoo, as it is.
    report : Report
        Of its network.
    group : FindingGroup
        The findings that are to go away: their rule has to be silent.
    look : callable
        See `Workbench.look`.

    Attributes
    ----------
    found : dict of str to KnobChange
        Of the changes so far that leave the network better, by its key the one with the least change of the costs.
    num_tried, num_designs : int
        How many have been looked at, of how many that are known.
    """

    def __init__(self, design: Design, report: Report, group: FindingGroup, look: Callable[[Design], View]) -> None:
        self._report, self._group, self._look = report, group, look
        # Names and switches first: they are few, and they do it more often.
        ones = sorted(neighbors(design), key=lambda change: not _is_name(change[0]))
        self._todo: list[tuple[tuple[Knob, ...], Design]] = [((knob,), other) for knob, other in ones]
        self._near: dict[str, KnobChange] = {}  # that do it, and bring something else
        self._is_second = self._is_stopped = False
        self.found: dict[str, KnobChange] = {}
        self.num_tried, self.num_designs = 0, len(self._todo)

    @property
    def is_done(self) -> bool:
        """True if all designs were tried, or the search was stopped."""
        return self._is_stopped or self.num_tried == self.num_designs

    def stop(self) -> None:
        """End the search."""
        self._is_stopped = True

    def more(self, seconds: float) -> None:
        """Try more designs, for about so many seconds."""
        end = monotonic() + seconds
        while not self.is_done and monotonic() < end:
            knobs, design = self._todo[self.num_tried]
            self.num_tried += 1
            self._try(knobs, design)
            if self.num_tried == self.num_designs and not self._is_second:
                self._is_second = True
                self._todo += self._seconds()
                self.num_designs = len(self._todo)

    @property
    def best(self) -> list[KnobChange]:
        """The few changes with the least change of the costs."""
        return sorted(self.found.values(), key=lambda change: change.cost_change)[:_OFFERED]

    def _try(self, knobs: tuple[Knob, ...], design: Design) -> None:
        view = self._look(design)
        if view.analysis is None or view.report is None:
            return
        change = KnobChange(
            knobs=knobs,
            design=design,
            report=view.report,
            cost_change=_cost_change(self._report.analysis, view.analysis),
        )
        if change.key in self.found and change.cost_change >= self.found[change.key].cost_change:
            return
        if self._group.first.code in {finding.code for finding in view.report.findings}:
            return
        if not why_not_better((self._report,), (view.report,), self._group):
            self.found[change.key] = change
        elif change.key not in self._near or change.cost_change < self._near[change.key].cost_change:
            self._near[change.key] = change

    def _seconds(self) -> Iterator[tuple[tuple[Knob, ...], Design]]:
        """Yield the changes that do it and bring something else, each with a second one."""
        near = sorted(
            (change for change in self._near.values() if change.key not in self.found), key=lambda one: one.cost_change
        )
        for change in near[:_SECONDS]:
            for knob, design in neighbors(change.design):
                if _is_name(knob) and knob not in change.knobs:
                    yield (*change.knobs, knob), design


def neighbors(design: Design) -> Iterator[tuple[Knob, Design]]:
    """Yield the designs of the same model that differ in one knob.

    Names are set to every other name, switches over; numbers to their half, double and neighbours, and to what the
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


def _is_name(knob: Knob) -> bool:
    return knob.kind in ("choice", "switch")


def _others(knob: Knob, value: Any) -> list[Any]:
    """Return other values to try, each once."""
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
    """Return the values of the field in the models of the zoo that have it."""
    values = [getattr(config_of(name), knob.name, knob.default) for name in model_names()]
    return [value for value in values if type(value) is type(knob.default)]


def _cost_change(before: Analysis | None, after: Analysis) -> float:
    if before is None:
        return 0.0
    pairs = [
        (getattr(before.totals, name), getattr(after.totals, name))
        for name in ("parameters", "macs", "activation_bytes", "peak_inference_bytes")
    ]
    return sum(abs(math.log(new / old)) for old, new in pairs if old and new)
