"""Pictures of a training under way, as SVG for a page that shows them again and again."""

from collections.abc import Mapping, Sequence

from .palette import SKY
from .plots import PANELS, as_svg, draw_panel, new_figure

_WIDTH, _HEIGHT = 4.4, 3.0  # inches


def run_plots(
    rows: Sequence[Mapping[str, float]], losses: Sequence[tuple[int, float]] = (), *, epoch_steps: float = 0.0
) -> dict[str, str]:
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
        figure = new_figure(_WIDTH, _HEIGHT)
        axes = figure.add_subplot()
        if own:
            axes.plot([step / epoch_steps for step, _ in own], [loss for _, loss in own], color=SKY, label="steps")
        draw_panel(axes, title, rows)
        found[title] = as_svg(figure, f"{title} by epoch")
    return found
