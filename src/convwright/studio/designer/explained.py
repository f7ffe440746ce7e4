"""A layer that was clicked: its source, its arithmetic, and what it sees of a photograph."""

from base64 import b64encode
from io import BytesIO
from urllib.parse import urlencode

from markupsafe import Markup
from PIL import Image, ImageOps

from ...analysis.facts import Analysis
from ...analysis.fields.field_numbers import has_window
from ...errors import ConvwrightError
from ...graph import Op
from ...reports.analysis.field_picture import boxes_over, drawn_field
from ..shared.formulas import formulas
from ..shared.html import templates_beside
from ..shared.knobs import LAYER
from ..shared.view import View
from .layer_source import LayerSource

render = templates_beside(__file__)

_MOST_FORMULAS = 8  # layers
_SIDE = 640  # pixels of the picture
_MAP = 4  # axes


def layer_part(view: View, path: str, source: LayerSource | None, photograph: Image.Image, design: str) -> Markup:
    """Show the layer at `path`; nothing for a network that has no such layer.

    Parameters
    ----------
    view : View
        Of the network.
    path : str
        Of the module; "" for none.
    source : LayerSource or None
        Where it was built.
    photograph : PIL image
        To draw its field on.
    design : str
        The query of the design.
    """
    ops = _ops(view, path)
    if view.analysis is None or not ops:
        return Markup()
    label, picture = _field(view.analysis, ops[-1], photograph)
    windows = [op.path for op in ops if has_window(op) and op.path and op.output.ndim == _MAP]
    grows = f"/field{design}&{urlencode({LAYER: windows[-1]})}" if windows and picture else ""
    return render("layer.html.j2", path=path, source=source, field=label, picture=picture, grows=grows)


def formulas_list(view: View, path: str) -> Markup:
    """Show the formulas of the layers at and below `path`; nothing for a network that has no such layer."""
    ops = _ops(view, path)
    layers = [(op, found) for op in ops if (found := formulas(op))]
    return render(
        "formulas.html.j2",
        path=path if ops else "",
        layers=layers[:_MOST_FORMULAS],
        more=len(layers[_MOST_FORMULAS:]),
    )


def _ops(view: View, path: str) -> tuple[Op, ...]:
    return view.analysis.graph.ops_in(path) if view.analysis and path else ()


def _field(analysis: Analysis, op: Op, photograph: Image.Image) -> tuple[str, str]:
    """Return the field of the middle position in words and as the address of an image; "" for nothing to draw."""
    if len(analysis.fields.axes) != 2:
        return "", ""
    try:
        drawn = drawn_field(analysis, op)
    except ConvwrightError as error:
        return str(error), ""
    height, width = analysis.fields.image_px
    picture = boxes_over(ImageOps.fit(photograph, (width, height)), [drawn])
    picture.thumbnail((_SIDE, 2 * _SIDE))
    content = BytesIO()
    picture.save(content, "JPEG", quality=88)
    return drawn.label, f"data:image/jpeg;base64,{b64encode(content.getvalue()).decode()}"
