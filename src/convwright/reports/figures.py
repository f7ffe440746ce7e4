"""Empty figures, and what becomes of them: PNG files, and SVG to stand in a page."""

import re
from io import BytesIO, StringIO
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from ..extras import needs_extra
from .palette import INK

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Of what matplotlib writes: what a page would take for its own, and what the page decides.
_SVG_EDITS = (
    (r"<metadata>.*?</metadata>", ""),
    (r"<style.*?</style>", ""),
    (r' (width|height)="[\d.]+pt"', ""),
    (r'<g id="[^"]*"', "<g"),
    (r"; font-family: [^;\"]+", ""),
)


def new_figure(width: float, height: float) -> "Figure":
    """An empty figure of so many inches."""
    with needs_extra("plots"):
        from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained", dpi=120)


def as_png(figure: "Figure") -> bytes:
    """The bytes of a PNG file, the same for the same figure."""
    buffer = BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def as_svg(figure: "Figure", words: str) -> Markup:
    """Return the figure as SVG to stand in a page, in the page's own ink (`--ink`), paper (`--paper`) and font.

    Parameters
    ----------
    words : str
        Description for readers who cannot see it.
    """
    import matplotlib as mpl

    for patch in (figure.patch, *(axes.patch for axes in figure.axes)):
        patch.set_visible(False)
    page = StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": words}):
        figure.savefig(page, format="svg", metadata={"Date": None})
    drawn = page.getvalue()[page.getvalue().index("<svg") :]
    for pattern, kept in _SVG_EDITS:
        drawn = re.sub(pattern, kept, drawn, flags=re.DOTALL)
    drawn = drawn.replace(f": {INK}", ": var(--ink, black)").replace(": #ffffff", ": var(--paper, white)")
    drawn = drawn.replace("<svg ", f'<svg class="plot" role="img" aria-label="{escape(words)}" ', 1)
    return Markup(drawn)  # noqa: S704 - matplotlib escapes the words of a figure
