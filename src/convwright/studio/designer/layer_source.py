"""The place in the source where a layer was built."""

import linecache
import textwrap
from dataclasses import dataclass
from pathlib import Path

from ...graph import Place
from ...graph.call_sites import CallSite, recorded_call_sites
from ...models import build
from ..shared.design import Design
from ..shared.view import View
from ..shared.workbench import Workbench

_PACKAGE = Path(__file__).parents[2]
_MOST_LINES = 8  # of an expression


@dataclass(frozen=True, kw_only=True)
class LayerSource:
    """The expression that made a layer.

    Attributes
    ----------
    place : Place
        Its line.
    text : str
        The lines themselves; "" where the file is neither the one that was named, nor of the working folder, nor ours.
    """

    place: Place
    text: str = ""

    @property
    def words(self) -> str:
        """The place as people read it, that of our own files without the folder of the package.

        >>> LayerSource(place=Place(file=str(_PACKAGE / "models" / "vgg.py"), line=7)).words
        'convwright/models/vgg.py:7'
        """
        file = Path(self.place.file)
        if _PACKAGE in file.parents:
            return f"{file.relative_to(_PACKAGE.parent).as_posix()}:{self.place.line}"
        return str(self.place)


def layer_source(bench: Workbench, design: Design, view: View, path: str) -> LayerSource | None:
    """Find where the layer at `path` was built; None for what has no line of its own, or is not there."""
    if view.analysis is None:
        return None
    if design.model in bench.zoo:
        # Noting every line takes longer than building without, so that it is done when somebody asks.
        with recorded_call_sites() as sites:
            model = build(design.model, device="meta", **design.options)
        site = sites.of(model).get(path)
    else:
        site = view.call_sites.get(path)
    if site is not None:
        return LayerSource(place=site.place, text=_lines(site, bench))
    place = view.analysis.graph.constructed(path)
    return LayerSource(place=place) if place else None


def _lines(site: CallSite, bench: Workbench) -> str:
    file = Path(site.file).resolve()
    if file != bench.file and not {_PACKAGE, Path.cwd()} & set(file.parents):
        return ""
    linecache.checkcache(site.file)  # it may have been edited since its lines were last read
    last = min(site.end_line, site.line + _MOST_LINES - 1)
    text = "".join(linecache.getline(site.file, line) for line in range(site.line, last + 1))
    return textwrap.dedent(text).rstrip() + ("\n..." if last < site.end_line else "")
