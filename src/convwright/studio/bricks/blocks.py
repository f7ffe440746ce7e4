"""Building blocks of lessons: cards with a map each, and a table of ways."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from markupsafe import Markup
from torch import Tensor

from ... import units
from ..shared.html import templates_beside
from .pixels import picture

render = templates_beside(__file__)
_SHOWN = 0.995  # of the values of a map are not above white


@dataclass(frozen=True, kw_only=True, eq=False)
class Card:
    """A map with its numbers and words.

    Attributes
    ----------
    title : str
        Its name.
    map : Tensor
        (1, 3, H, W) or (1, 1, H, W), values from 0 (black) to 1 (white).
    numbers : mapping of str to str
        Numbers of it, as people read them.
    formula : str
        What was computed; "" for no formula.
    notes : mapping of str to str
        Sentences, by the words that they begin with.
    share : float or None
        Length of a bar below the numbers, of 1; None for no bar.
    """

    title: str
    map: Tensor
    numbers: Mapping[str, str] = field(default_factory=dict)
    formula: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)
    share: float | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Way:
    """A row of a table: one way to do something.

    Attributes
    ----------
    title : str
        Its name.
    maps : mapping of str to Tensor
        Maps by the title of their column, values from 0 to 1.
    shares : mapping of str to float
        Shares of 1 by the title of their column, shown as percent with a bar.
    """

    title: str
    maps: Mapping[str, Tensor] = field(default_factory=dict)
    shares: Mapping[str, float] = field(default_factory=dict)


def cards(found: Sequence[Card], note: str = "") -> Markup:
    """Show cards beside each other, each map with the sides of the first one, and a note below."""
    height, width = found[0].map.shape[2:]
    shown = [
        {"card": card, "picture": picture(card.map), "size": units.size(tuple(card.map.shape[2:]))} for card in found
    ]
    return render("cards.html.j2", cards=shown, ratio=f"{width} / {height}", note=note)


def ways(found: Sequence[Way], label: str, note: str = "") -> Markup:
    """Show a table with a row for each way, and a note below; the longest bar is that of the largest share."""
    most = max((share for way in found for share in way.shares.values()), default=0) or 1.0
    rows = [
        {
            "title": way.title,
            "pictures": {title: picture(map_) for title, map_ in way.maps.items()},
            "shares": [(units.percent(share), 100 * share / most) for share in way.shares.values()],
        }
        for way in found
    ]
    return render("ways.html.j2", rows=rows, columns=[*found[0].maps, *found[0].shares], label=label, note=note)


def white_of(maps: Iterable[Tensor]) -> float:
    """Return the value to show as white: nearly the largest, since a few points would leave all else black."""
    return max(torch.quantile(map_, _SHOWN).item() for map_ in maps) or 1.0
