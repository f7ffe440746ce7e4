"""An analysis as one HTML page that opens alone, offline; and the part of it that a notebook shows."""

from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from ..analysis.facts import Analysis
from ..analysis.stages import stages
from .picture import network_picture
from .rows import TITLES, notes, stage_rows, total_rows, tree_rows

TEMPLATES = Path(__file__).parent / "templates"


def analysis_page(analysis: Analysis, *, depth: int = 4) -> str:
    """The whole page: the network as a picture, its totals, its stages and its tree."""
    return render("analysis.html.j2", **_content(analysis, depth))


def analysis_fragment(analysis: Analysis, *, depth: int = 2) -> str:
    """The same for a page that exists already."""
    return render("analysis_body.html.j2", **_content(analysis, depth))


def render(template: str, *, folder: Path = TEMPLATES, **content: Any) -> str:
    """A page of `folder`, which may use what is in `TEMPLATES`; everything in it is escaped."""
    return _environment(folder).get_template(template).render(**content)


def embedded(png: bytes) -> str:
    """A PNG file as the address of an image."""
    return f"data:image/png;base64,{b64encode(png).decode()}"


def flat(values: Mapping[str, Any], place: str = "") -> list[tuple[str, str]]:
    """Name and value of every field, parts under dotted names."""
    rows: list[tuple[str, str]] = []
    for name, value in values.items():
        if isinstance(value, Mapping):
            rows += flat(value, f"{place}{name}.")
        elif value not in (None, ""):
            rows.append((f"{place}{name}", str(value)))
    return rows


@cache
def _environment(folder: Path) -> Environment:
    return Environment(
        loader=FileSystemLoader([folder, TEMPLATES]),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _content(analysis: Analysis, depth: int) -> dict[str, Any]:
    tree = tree_rows(analysis, depth)
    most = max((row.macs for row in tree[1:]), default=0) or 1
    return {
        "title": analysis.label,
        "shapes": ["x".join(map(str, shape)) for shape in analysis.input_shapes],
        # Made of numbers and escaped words only.
        "picture": Markup(network_picture(stages(analysis.ops))),  # noqa: S704
        "titles": TITLES,
        "totals": total_rows(analysis),
        "stages": [row.cells for row in stage_rows(analysis)],
        "tree": [(row.level, row.cells, round(100 * row.macs / most) if row.level else 0) for row in tree],
        "notes": notes(analysis),
    }
