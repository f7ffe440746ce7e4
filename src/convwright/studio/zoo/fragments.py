"""The table of all models as HTML, with the form that asks it and the plot above it."""

from urllib.parse import urlencode

from markupsafe import Markup

from ..shared.html import templates_beside
from ..shared.knobs import MODEL, PINNED
from .plot import zoo_plot
from .table import COSTS, TITLES, ZooQuery, ZooTable, best_for

render = templates_beside(__file__)

_BOXES = (
    ("words", "name has", ""),
    ("parameters_m", "parameters, at most", "M"),
    ("macs_m", "MACs, at most", "M"),
    ("field_px", "field, at least", "px"),
)


def budget_form() -> Markup:
    """Show the form that filters the table."""
    costs = {name: TITLES[name] for name in COSTS}
    return render("query.html.j2", boxes=_BOXES, costs=costs)


def zoo_table(zoo: ZooTable, query: ZooQuery, problem: str = "") -> Markup:
    """Show the models within a query, as a plot and a table."""
    rows, known = query.of(zoo.rows), len(zoo.rows)
    looking = f"; looking at the others: {known} of {zoo.num_models} done" if known < zoo.num_models else ""
    return render(
        "table.html.j2",
        problem=problem,
        said=f"{len(rows)} of {known} models{looking}",
        titles=TITLES,
        order=query.order,
        is_falling=query.is_falling,
        rows=rows,
        best=best_for(zoo.rows, query.cost),
        cost=TITLES[query.cost],
        picked=query.names,
        plot=zoo_plot(zoo.rows, query.cost, {row.model for row in rows}, query.names),
        side_by_side=_side_by_side(query),
    )


def _side_by_side(query: ZooQuery) -> str:
    """Return the address of the designer with the models that were picked; "" for fewer than two."""
    if len(query.names) < 2:
        return ""
    first, second = query.names[-2:]
    return "/?" + urlencode({MODEL: second, PINNED: urlencode({MODEL: first})})
