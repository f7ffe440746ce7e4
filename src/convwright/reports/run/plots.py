"""Pictures of a training run: curves by epoch as PNG, or as SVG for a page that shows them live, and confusion."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from ..figures import as_png, as_svg, new_figure
from ..palette import LINES, ON_PAPER, SKY

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PANELS = {
    "loss": ("train_loss", "validation_loss"),
    "accuracy, %": ("train_accuracy", "validation_accuracy"),
    "learning rate": ("lr",),
}
"""Panels of a training, and the columns of metrics.csv that each is drawn from."""

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
        _draw_panel(figure.add_subplot(1, len(PANELS), place), title, rows)
    return as_png(figure)


def curves_svg(
    rows: Sequence[Mapping[str, float]], losses: Sequence[tuple[int, float]] = (), *, epoch_steps: float = 0.0
) -> dict[str, Markup]:
    """Loss, accuracy and learning rate by epoch, an SVG each; those of which nothing is known are left out.

    Parameters
    ----------
    rows : sequence of mapping
        See `curves_png`.
    losses : sequence of (int, float)
        Steps and the losses there, which are drawn behind.
    epoch_steps : float
        Steps of an epoch.
    """
    found = {}
    for title, keys in PANELS.items():
        own = losses if title == "loss" and epoch_steps else ()
        if not own and not any(key in row for row in rows for key in keys):
            continue
        figure = new_figure(4.4, 3.0)
        axes = figure.add_subplot()
        if own:
            axes.plot([step / epoch_steps for step, _ in own], [loss for _, loss in own], color=SKY, label="steps")
        _draw_panel(axes, title, rows)
        found[title] = as_svg(figure, f"{title} by epoch")
    return found


def _draw_panel(axes: "Axes", title: str, rows: Sequence[Mapping[str, float]]) -> None:
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
    """Draw how often each class (row) was taken for each (column), as shares of the row.

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
