"""Several networks side by side: one row each, which of them no other beats, and a plot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ... import units
from ...analysis.facts import Analysis, Totals
from ...analysis.latency import Latency
from ...statistics import pareto_front as best_for_cost
from ...units import pixels
from ..figures import as_svg, new_figure
from ..palette import BLUE, VERMILION
from ..to_html import render
from ..to_markdown import markdown_table
from ..to_text import fitting_columns
from .latency import spread_words
from .layer_comparison import LayerComparison

if TYPE_CHECKING:
    from markupsafe import Markup
    from matplotlib.axes import Axes
    from matplotlib.transforms import Bbox

_LABEL_PLACES = (  # offset in points, and which part of the name stands there
    ((0, 7), "center", "bottom"),
    ((0, -7), "center", "top"),
    ((8, 0), "left", "center"),
    ((-8, 0), "right", "center"),
)
TITLES = (
    "model", "input", "parameters", "MACs", "activations", "peak memory", "field, px", "latency", "10 % to 90 %",
    "top-1, %", "source",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ComparedNetwork:
    """One network of a comparison.

    Attributes
    ----------
    label : str
        Its name.
    input_shapes : tuple of tuple of int
        Shapes of its inputs, batch 1.
    totals : Totals
        Its costs.
    uncounted : tuple of mapping
        Ops whose MACs nobody knows, as plain values.
    latency : Latency or None
        Measured here, where it was.
    top1_percent : float or None
        Published, where it is.
    source : str
        Publication of that accuracy.
    """

    label: str
    input_shapes: tuple[tuple[int, ...], ...]
    totals: Totals
    uncounted: tuple[Mapping[str, Any], ...] = ()
    latency: Latency | None = None
    top1_percent: float | None = None
    source: str = ""

    @classmethod
    def of(cls, analysis: Analysis, **measured: Any) -> Self:
        """Take from an analysis what is compared; the rest is not kept."""
        return cls(
            label=analysis.label,
            input_shapes=tuple(map(tuple, analysis.input_shapes)),
            totals=analysis.totals,
            uncounted=tuple(row.to_dict() for row in analysis.macs.uncounted),
            **measured,
        )

    def to_dict(self) -> dict[str, Any]:
        """The row as plain values."""
        return {
            "model": self.label,
            "input": [list(shape) for shape in self.input_shapes],
            "totals": self.totals.to_dict(),
            "uncounted": [dict(row) for row in self.uncounted],
            "latency": self.latency.to_dict() if self.latency else None,
            "top1_percent": self.top1_percent,
            "top1_source": self.source or None,
        }


@dataclass(frozen=True, kw_only=True)
class NetworkComparison:
    """All of them; of two, `layers` may say what differs layer by layer."""

    rows: tuple[ComparedNetwork, ...]
    layers: LayerComparison | None = None

    def to_dict(self) -> dict[str, Any]:
        """The comparison as plain values."""
        front, known = pareto_front(self.rows), ranked(self.rows)
        is_known = len(known) > 1
        models = [row.to_dict() | {"pareto": row in front if is_known and row in known else None} for row in self.rows]
        return {"schema": 1, "models": models} | ({"layers": self.layers.to_dict()} if self.layers else {})


def pareto_front(rows: Sequence[ComparedNetwork]) -> list[ComparedNetwork]:
    """The networks with a published accuracy that no other of these matches with fewer MACs.

    A network whose accuracy or MACs are not known beats none and is not beaten: it is left out, and with fewer than
    two others there is no front.
    """
    known = ranked(rows)
    if len(known) < 2:
        return []
    front = best_for_cost([row.totals.macs for row in known], [row.top1_percent or 0.0 for row in known])
    return [row for row, is_best in zip(known, front, strict=True) if is_best]


def ranked(rows: Sequence[ComparedNetwork]) -> list[ComparedNetwork]:
    """The networks whose accuracy and MACs are known."""
    return [row for row in rows if row.top1_percent is not None and not row.uncounted]


def comparison_text(comparison: NetworkComparison, *, width: int = 160) -> RenderableType:
    """The table in a terminal; a star marks the Pareto front, columns that do not fit into `width` are left out."""
    table = Table(box=None, pad_edge=False, caption=_caption(comparison), caption_justify="left")
    titles, lines = _table(comparison)
    order = ("source", "input", "activations", "peak memory", "field, px")
    shown = fitting_columns(titles, lines, width, dispensable=order)
    for column in shown:
        left = titles[column] in ("model", "source")
        table.add_column(titles[column], justify="left" if left else "right", no_wrap=True)
    for cells in lines:
        table.add_row(*(cells[column] for column in shown))
    return table if comparison.layers is None else Group(table, *_layers(comparison.layers))


def _layers(layers: LayerComparison) -> list[RenderableType]:
    sheet = layers.sheet()
    table = Table(*sheet.titles, box=None, pad_edge=False, header_style="bold")
    for line in sheet.lines:
        table.add_row(*map(Text, line))
    return [Text(), table, Text(layers.summary(), style="dim")]


def comparison_markdown(comparison: NetworkComparison) -> str:
    """The same as Markdown."""
    titles, lines = _table(comparison)
    right = [column for column, title in enumerate(titles) if title not in ("model", "source")]
    table = markdown_table(titles, lines, right=right)
    text = f"# Comparison\n\n{table}\n\n{_caption(comparison)}\n"
    if comparison.layers is None:
        return text
    sheet = comparison.layers.sheet()
    return f"{text}\n## Layers\n\n{comparison.layers.summary()}\n\n{markdown_table(sheet.titles, sheet.lines)}\n"


def comparison_page(comparison: NetworkComparison) -> str:
    """The same as one HTML page that opens alone, with the accuracy plotted against the MACs."""
    plot = pareto_plot(comparison) if pareto_front(comparison.rows) else ""
    titles, lines = _table(comparison)
    return render("comparison.html.j2", titles=titles, rows=lines, caption=_caption(comparison), plot=plot)


def pareto_plot(comparison: NetworkComparison) -> "Markup":
    """Draw accuracy against MACs, a network's parameters as the area of its point and the Pareto front as a line: SVG.

    Names that would cover others are left out, those of the front last.
    """
    front = sorted(pareto_front(comparison.rows), key=_macs)
    known = front + [row for row in comparison.rows if row.top1_percent is not None and row not in front]
    macs, top1 = [_macs(row) for row in known], [row.top1_percent or 0.0 for row in known]
    parameters = np.array([row.totals.parameters for row in known])
    figure = new_figure(9, 5)
    from matplotlib.ticker import FuncFormatter

    axes = figure.add_subplot()
    axes.set(xscale="log", xlabel="MACs at the input each was published for", ylabel="published ImageNet top-1, %")
    axes.scatter(macs, top1, 1200 * parameters / max(parameters), color=BLUE, alpha=0.5, linewidths=0)
    axes.plot(macs[: len(front)], top1[: len(front)], ":", color=VERMILION, label="Pareto front")
    axes.margins(0.12)
    axes.grid(alpha=0.3)
    axes.legend(frameon=False, title="area of a point: parameters")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda macs, _: units.count(macs)))
    figure.draw_without_rendering()
    _name_points(axes, [row.label for row in known], list(zip(macs, top1, strict=True)))
    return as_svg(figure, "Published ImageNet accuracy against MACs")


def _macs(row: ComparedNetwork) -> int:
    return row.totals.macs


def _name_points(axes: "Axes", names: Sequence[str], points: Sequence[tuple[float, float]]) -> None:
    """Write names above, below or beside their points, the first ones first, wherever no other name stands."""
    taken: list[Bbox] = []
    for name, point in zip(names, points, strict=True):
        for shift, across, along in _LABEL_PLACES:
            label = axes.annotate(name, point, shift, textcoords="offset points", ha=across, va=along, fontsize=8)
            label.set_bbox({"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1})  # over the front
            box = label.get_window_extent()
            if not any(box.overlaps(other) for other in taken):
                taken.append(box)
                break
            label.remove()


def _table(comparison: NetworkComparison) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return the titles and lines of the columns that say something."""
    front = pareto_front(comparison.rows)
    lines = [_row(row, starred=row in front) for row in comparison.rows]
    kept = [column for column in range(len(TITLES)) if any(line[column] for line in lines)]
    return tuple(TITLES[column] for column in kept), [tuple(line[column] for column in kept) for line in lines]


def _row(row: ComparedNetwork, *, starred: bool) -> tuple[str, ...]:
    t = row.totals
    uncounted = "+?" if row.uncounted else ""
    return (
        row.label + (" *" if starred else ""),
        units.size(row.input_shapes[0][1:]),
        units.count(t.parameters),
        units.count(t.macs) + uncounted,
        units.bytes_(t.activation_bytes),
        units.bytes_(t.peak_inference_bytes),
        pixels(t.receptive_field_px),
        units.seconds(row.latency.median_seconds) if row.latency else "",
        spread_words(row.latency.seconds) if row.latency else "",
        f"{row.top1_percent:.2f}" if row.top1_percent is not None else "",
        row.source,
    )


def _caption(comparison: NetworkComparison) -> str:
    front = ""
    if pareto_front(comparison.rows):
        number = len(ranked(comparison.rows))
        front = f"* no other of the {number} with a published accuracy has at least its accuracy with fewer MACs. "
    text = f"{front}Activations: kept for backward, batch 1."
    measured = [row.latency for row in comparison.rows if row.latency]
    if measured:
        text += f" Latency: median of batch 1 in fp32 on {measured[0].device}."
    return text
