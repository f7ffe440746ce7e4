"""Pictures of a comparison of transfer strategies, as PNG: the learning curve, and what the network goes by."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...transfer_learning.summary import TransferSummary
from ..figures import as_png, new_figure
from ..palette import LINES, MARKERS, ON_PAPER

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDTH = 11.0  # inches, as every picture of a page
_SIDE = 1.8  # inches of an image


def learning_curve_png(result: TransferSummary) -> bytes:
    """Draw test accuracy against the number of images learned from: means, with the seeds' standard deviation."""
    from matplotlib.ticker import FixedLocator, NullFormatter, StrMethodFormatter

    figure = new_figure(_WIDTH, 4.6)
    axes = figure.add_subplot()
    axes.set_xscale("log")
    for number, name in enumerate(result.titles):
        rows = sorted((row for row in result.rows if row.strategy == name), key=lambda row: row.num_images)
        axes.errorbar(
            [row.num_images for row in rows],
            [100 * row.test_accuracy.mean for row in rows],
            yerr=[100 * (row.test_accuracy.standard_deviation or 0) for row in rows],
            color=ON_PAPER[number % len(ON_PAPER)],
            marker=MARKERS[number % len(MARKERS)],
            linestyle=LINES[number // len(ON_PAPER) % len(LINES)],
            capsize=3,
            label=name,
        )
    axes.xaxis.set_major_locator(FixedLocator(sorted({row.num_images for row in result.rows})))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set(xlabel="training images", ylabel="test accuracy, %")
    axes.grid(alpha=0.3)
    figure.legend(loc="outside right upper", frameon=False)
    return as_png(figure)


def seen_png(images: NDArray[np.float32], maps: NDArray[np.float32] | None, captions: Sequence[str]) -> bytes:
    """Images side by side, each above the same with the parts that speak for the named class.

    Parameters
    ----------
    images : array, shape (N, H, W, 3)
        From 0 to 1.
    maps : array, shape (N, H, W), or None
        From 0 to 1; see `grad_cam`.
    captions : sequence of str
        One above each image.
    """
    number = 1 if maps is None else 2
    figure = new_figure(_SIDE * len(images), number * _SIDE + 0.5)
    for place, (image, caption) in enumerate(zip(images, captions, strict=True), start=1):
        axes = _framed(figure.add_subplot(number, len(images), place), image)
        axes.set_title(caption, fontsize=8)
        if maps is not None:
            axes = _framed(figure.add_subplot(number, len(images), len(images) + place), image)
            axes.imshow(maps[place - 1], cmap="inferno", alpha=0.55, vmin=0, vmax=1)
    return as_png(figure)


def _framed(axes: "Axes", image: NDArray[np.float32]) -> "Axes":
    axes.imshow(image, interpolation="nearest")
    axes.set_xticks([])
    axes.set_yticks([])
    return axes
