"""Two designs side by side as HTML, what differs marked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ...analysis.stages import stages
from ...reports.analysis.picture import network_picture
from ..shared.design import Design
from ..shared.html import templates_beside
from ..shared.knobs import Knob
from ..shared.view import View
from .differences import Pair, differences

render = templates_beside(__file__)


@dataclass(frozen=True, kw_only=True)
class DesignSide:
    """One of two designs that are compared.

    Attributes
    ----------
    design : Design
        What it is.
    knobs : sequence of Knob
        What it can be told.
    view : View
        How it looks.
    """

    design: Design
    knobs: Sequence[Knob]
    view: View

    @property
    def values(self) -> dict[str, str]:
        """Text of each knob."""
        values = {knob.name: knob.default for knob in self.knobs} | self.design.options
        return {knob.name: knob.text(values[knob.name]) for knob in self.knobs}


def side_by_side(first: DesignSide, second: DesignSide) -> Markup:
    """Show the pinned design and the open one: knobs, costs, stages, layers and findings in which they differ."""
    is_same_model = first.design.model == second.design.model
    one, other = first.view.report, second.view.report
    return render(
        "side_by_side.html.j2",
        sides=[_drawn(side) for side in (first, second)],
        knobs=list(_knobs(first, second)),
        found=differences(one, other) if one and other else None,
        shows_layers=is_same_model,
    )


def _knobs(first: DesignSide, second: DesignSide) -> Iterator[Pair]:
    """Return the model and its knobs, where they differ."""
    labels = {knob.name: knob.label for side in (first, second) for knob in side.knobs}
    left, right = (side.values for side in (first, second))
    pairs = [Pair(name="model", first=first.design.model, second=second.design.model)]
    pairs += [Pair(name=labels[name], first=left.get(name, ""), second=right.get(name, "")) for name in labels]
    return (pair for pair in pairs if pair.differs)


def _drawn(side: DesignSide) -> dict[str, object]:
    analysis = side.view.analysis
    return {
        "label": side.view.label,
        "problem": side.view.problem,
        "picture": network_picture(stages(analysis.ops)) if analysis else "",
    }
