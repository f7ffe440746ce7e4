"""Pictures of a training run, as PNG: curves and confusion. Figures in, bytes out; nothing is measured."""

import re
from collections.abc import Mapping, Sequence
from io import BytesIO, StringIO
from typing import TYPE_CHECKING

import numpy as np

from .palette import INK, LINES, ON_PAPER

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANELS = {
    "loss": ("train_loss", "validation_loss"),
    "accuracy, %": ("train_accuracy", "validation_accuracy"),
    "learning rate": ("lr",),
}
"""What is drawn of a training, and the columns of metrics.csv that it is drawn from."""

# Of what matplotlib writes: what a page would take for its own, and what the page decides.
_SVG_EDITS = (
    (r"<metadata>.*?</metadata>", ""),
    (r"<style.*?</style>", ""),
    (r' (width|height)="[\d.]+pt"', ""),
    (r'<g id="[^"]*"', "<g"),
    (r"; font-family: [^;\"]+", ""),
)
_MOST_NAMED = 30  # classes whose names and counts fit beside a matrix


def curves_png(rows: Sequence[Mapping[str, float]]) -> bytes:
    """Loss, accuracy and learning rate by epoch.

    Parameters
    ----------
    rows : sequence of mapping
        One an epoch: "epoch", and any of "train_loss", "validation_loss", "train_accuracy", "validation_accuracy"
        (shares of 1) and "lr"; what no row has is left out.
    """
    figure = new_figure(11, 3.4)
    for place, title in enumerate(PANELS, start=1):
        draw_panel(figure.add_subplot(1, len(PANELS), place), title, rows)
    return as_png(figure)


def draw_panel(axes: "Axes", title: str, rows: Sequence[Mapping[str, float]]) -> None:
    """Draw one of `PANELS` of what `curves_png` takes."""
    from matplotlib.ticker import MaxNLocator

    for key, color, line in zip(PANELS[title], ON_PAPER, LINES, strict=False):
        _curve(axes, rows, key, 100.0 if "accuracy" in key else 1.0, color, line)
    axes.set(title=title, xlabel="epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.3)
    if len(axes.lines) > 1:
        axes.legend(frameon=False)


def confusion_png(matrix: "np.ndarray[tuple[int, int], np.dtype[np.int64]]", class_names: Sequence[str]) -> bytes:
    """How often each class (row) was taken for each (column), as shares of the row.

    Parameters
    ----------
    matrix : array of int, shape (classes, classes)
        Images by true and by predicted class.
    class_names : sequence of str
        By index.
    """
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    named = len(class_names) <= _MOST_NAMED
    side = max(4.0, 0.45 * len(class_names) + 2) if named else 8.0
    figure = new_figure(side + 1, side)
    axes = figure.add_subplot()
    picture = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set(xlabel="predicted", ylabel="true")
    if named:
        places = range(len(class_names))
        axes.set_xticks(places, class_names, rotation=45, ha="right")
        axes.set_yticks(places, class_names)
        for row, column in np.argwhere(matrix > 0):
            color = "white" if shares[row, column] > 0.5 else "black"
            axes.text(column, row, f"{matrix[row, column]}", ha="center", va="center", color=color, fontsize=8)
    figure.colorbar(picture, ax=axes, label="share of the true class", fraction=0.046)
    return as_png(figure)


def _curve(axes: "Axes", rows: Sequence[Mapping[str, float]], key: str, scale: float, color: str, line: str) -> None:
    points = [(row["epoch"], scale * row[key]) for row in rows if key in row]
    if points:
        label = key.removesuffix("_loss").removesuffix("_accuracy")
        marker = "o" if len(points) == 1 else None
        axes.plot(*zip(*points, strict=True), color=color, linestyle=line, label=label, marker=marker)


def new_figure(width: float, height: float) -> "Figure":
    """An empty figure of so many inches."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained", dpi=120)


def as_png(figure: "Figure") -> bytes:
    """The bytes of a PNG file, the same for the same figure."""
    buffer = BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def as_svg(figure: "Figure", words: str) -> str:
    """The figure as SVG to stand in a page, in the page's own ink (`--ink`), paper (`--paper`) and font.

    Parameters
    ----------
    words : str
        What it shows, for who cannot see it.
    """
    import matplotlib as mpl
    from markupsafe import escape

    for patch in (figure.patch, *(axes.patch for axes in figure.axes)):
        patch.set_visible(False)
    page = StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": words}):
        figure.savefig(page, format="svg", metadata={"Date": None})
    drawn = page.getvalue()[page.getvalue().index("<svg") :]
    for pattern, kept in _SVG_EDITS:
        drawn = re.sub(pattern, kept, drawn, flags=re.DOTALL)
    drawn = drawn.replace(f": {INK}", ": var(--ink, black)").replace(": #ffffff", ": var(--paper, white)")
    return drawn.replace("<svg ", f'<svg class="plot" role="img" aria-label="{escape(words)}" ', 1)
