"""The table of all models as HTML, with the form that asks it and the plot above it."""

from urllib.parse import urlencode

from ..shared.html import templates_beside
from ..shared.knobs import MODEL, PINNED
from .plot import zoo_plot
from .table import COSTS, TITLES, Wish, Zoo, best_for

render = templates_beside(__file__)

_BOXES = (
    ("words", "name has", ""),
    ("parameters_m", "parameters, at most", "M"),
    ("macs_m", "MACs, at most", "M"),
    ("field_px", "field, at least", "px"),
)


def budget_form() -> str:
    """What the table of the zoo can be asked."""
    costs = {name: TITLES[name] for name in COSTS}
    return render("query.html.j2", boxes=_BOXES, costs=costs)


def zoo_table(zoo: Zoo, wish: Wish, problem: str = "") -> str:
    """The models that are within a wish."""
    rows, known = wish.of(zoo.rows), len(zoo.rows)
    looking = f"; looking at the others: {known} of {zoo.num_models} done" if known < zoo.num_models else ""
    return render(
        "table.html.j2",
        problem=problem,
        said=f"{len(rows)} of {known} models{looking}",
        titles=TITLES,
        order=wish.order,
        is_falling=wish.is_falling,
        rows=rows,
        best=best_for(zoo.rows, wish.cost),
        cost=TITLES[wish.cost],
        picked=wish.names,
        plot=zoo_plot(zoo.rows, wish.cost, {row.model for row in rows}, wish.names),
        side_by_side=_side_by_side(wish),
    )


def _side_by_side(wish: Wish) -> str:
    """The address of the designer with the models that were picked; "" for fewer than two."""
    if len(wish.names) < 2:
        return ""
    first, second = wish.names[-2:]
    return "/?" + urlencode({MODEL: second, PINNED: urlencode({MODEL: first})})
