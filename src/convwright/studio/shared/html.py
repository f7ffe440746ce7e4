"""Templates of the studio as markup."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from markupsafe import Markup

from ...reports.to_html import render


def templates_beside(module: str) -> Callable[..., Markup]:
    """Return `render` for the templates beside a module, which may use the shared ones.

    Parameters
    ----------
    module : str
        Its `__file__`.

    Examples
    --------
    >>> templates_beside(__file__)("problem.html.j2", problem="a < b")
    Markup('<p class="problem" role="alert"><strong>Error</strong> a &lt; b</p>')
    """
    return partial(render, folders=tuple(Path(file).parent / "templates" for file in (module, __file__)))
