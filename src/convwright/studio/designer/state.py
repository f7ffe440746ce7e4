"""Everything that a page of the designer has open, and its address."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote

from ..shared.design import Design, address_of
from ..shared.knobs import FIX, LAYER, PICTURE, PINNED
from ..shared.workbench import Workbench

FIRST_PICTURE = "chelsea"


@dataclass(frozen=True, kw_only=True)
class DesignerState:
    """Everything that a page of the designer has open.

    Attributes
    ----------
    design : Design
        The network.
    pinned : Design or None
        Another one to see beside it.
    layer : str
        The module that is explained; "" for none.
    picture : str
        The photograph that its field is drawn on.
    fix : str
        The finding that is being fixed: its number, rule and layer; "" for none.
    """

    design: Design
    pinned: Design | None = None
    layer: str = ""
    picture: str = FIRST_PICTURE
    fix: str = ""


def read_state(bench: Workbench, query: Mapping[str, str]) -> DesignerState:
    """Read an address.

    Raises
    ------
    ConvwrightError
        See `Workbench.design`.

    Examples
    --------
    >>> read_state(Workbench("vgg11"), {"layer": "stem"})
    DesignerState(design=Design(model='vgg11', changes=()), pinned=None, layer='stem', picture='chelsea', fix='')
    """
    texts = dict(query)
    pinned, layer, picture, fix = (texts.pop(name, "") for name in (PINNED, LAYER, PICTURE, FIX))
    return DesignerState(
        design=bench.design(texts),
        pinned=bench.design(dict(parse_qsl(pinned, keep_blank_values=True))) if pinned else None,
        layer=layer,
        picture=picture or FIRST_PICTURE,
        fix=fix,
    )


def address_of_state(bench: Workbench, state: DesignerState) -> str:
    """Return the query that opens it.

    >>> bench = Workbench("vgg11")
    >>> address_of_state(bench, DesignerState(design=bench.first, pinned=bench.first, layer="stem"))
    '?model=vgg11&with=model%3Dvgg11&layer=stem'
    """

    def query(design: Design) -> str:
        return address_of(design, bench.knobs(design.model))

    more = {
        PINNED: query(state.pinned)[1:] if state.pinned else "",
        LAYER: state.layer,
        PICTURE: state.picture if state.picture != FIRST_PICTURE else "",
        FIX: state.fix,
    }
    return query(state.design) + "".join(f"&{name}={quote(text, safe='')}" for name, text in more.items() if text)
