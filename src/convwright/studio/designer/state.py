"""All that a page of the designer has open, and its address."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote

from ..shared.design import Design, address_of
from ..shared.knobs import FIX, LAYER, PICTURE, PINNED
from ..shared.workbench import Workbench

FIRST_PICTURE = "chelsea"


@dataclass(frozen=True, kw_only=True)
class Opened:
    """What is looked at.

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


def read_opened(bench: Workbench, query: Mapping[str, str]) -> Opened:
    """What an address opens.

    Raises
    ------
    ConvwrightError
        See `Workbench.design`.

    Examples
    --------
    >>> read_opened(Workbench("vgg11"), {"layer": "stem"})
    Opened(design=Design(model='vgg11', changes=()), pinned=None, layer='stem', picture='chelsea', fix='')
    """
    texts = dict(query)
    pinned, layer, picture, fix = (texts.pop(name, "") for name in (PINNED, LAYER, PICTURE, FIX))
    return Opened(
        design=bench.design(texts),
        pinned=bench.design(dict(parse_qsl(pinned, keep_blank_values=True))) if pinned else None,
        layer=layer,
        picture=picture or FIRST_PICTURE,
        fix=fix,
    )


def address_of_opened(bench: Workbench, opened: Opened) -> str:
    """The query that opens it.

    >>> bench = Workbench("vgg11")
    >>> address_of_opened(bench, Opened(design=bench.first, pinned=bench.first, layer="stem"))
    '?model=vgg11&with=model%3Dvgg11&layer=stem'
    """

    def query(design: Design) -> str:
        return address_of(design, bench.knobs(design.model))

    more = {
        PINNED: query(opened.pinned)[1:] if opened.pinned else "",
        LAYER: opened.layer,
        PICTURE: opened.picture if opened.picture != FIRST_PICTURE else "",
        FIX: opened.fix,
    }
    return query(opened.design) + "".join(f"&{name}={quote(text, safe='')}" for name, text in more.items() if text)
