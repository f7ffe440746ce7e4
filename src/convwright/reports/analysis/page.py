"""An analysis as one HTML page that opens alone, offline; and the part of it that a notebook shows."""

from typing import Any

from ...analysis.facts import Analysis
from ...analysis.stages import stages
from ..to_html import render
from .columns import TITLES
from .layers import stage_rows, tree_rows
from .picture import network_picture
from .rows import notes, total_rows


def analysis_page(analysis: Analysis, *, depth: int = 4) -> str:
    """The whole page: the network as a picture, its totals, its stages and its tree."""
    return render("analysis.html.j2", **_content(analysis, depth))


def analysis_fragment(analysis: Analysis, *, depth: int = 2) -> str:
    """The same for a page that exists already."""
    return render("analysis_body.html.j2", **_content(analysis, depth))


def _content(analysis: Analysis, depth: int) -> dict[str, Any]:
    tree = tree_rows(analysis, depth)
    most = max((row.macs for row in tree[1:]), default=0) or 1
    return {
        "title": analysis.label,
        "shapes": ["x".join(map(str, shape)) for shape in analysis.input_shapes],
        "picture": network_picture(stages(analysis.ops)),
        "titles": TITLES,
        "totals": total_rows(analysis),
        "stages": [row.cells for row in stage_rows(analysis)],
        "tree": [(row.level, row.cells, round(100 * row.macs / most) if row.level else 0) for row in tree],
        "notes": notes(analysis),
    }
