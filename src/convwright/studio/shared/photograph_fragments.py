"""The part of a page in which a photograph is chosen, or sent."""

from collections.abc import Sequence

from markupsafe import Markup

from .html import templates_beside
from .photographs import MOST_BYTES, TYPES, too_large

render = templates_beside(__file__)


def photograph_form(names: Sequence[str]) -> Markup:
    """Return a select called `picture`, and a place for a file; `photographs.js` sends it and then chooses it.

    Parameters
    ----------
    names : sequence of str
        The photographs that there are.
    """
    return render(
        "photograph.html.j2",
        names=names,
        types=TYPES,
        most_bytes=MOST_BYTES,
        too_large=str(too_large()),
    )
