"""A model with changed knobs, as an address that opens it again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from ...errors import unknown
from ...networks import NetworkName
from .knobs import MODEL, Knob


@dataclass(frozen=True, kw_only=True)
class Design:
    """A model with some of its knobs turned.

    Attributes
    ----------
    model : str
        Its name.
    changes : tuple of (name, value)
        The knobs that are not at the model's own value, in the order of its config.
    """

    model: str
    changes: tuple[tuple[str, Any], ...] = ()

    @property
    def network_name(self) -> NetworkName:
        """The network as `open_network` takes it."""
        return NetworkName(text=self.model, arguments=self.options)

    @property
    def options(self) -> dict[str, Any]:
        """The changes as `build` takes them."""
        return dict(self.changes)


def read_design(model: str, texts: Mapping[str, str], knobs: Iterable[Knob]) -> Design:
    """Return the design of a model with knobs set to texts, as they come from an address or a control.

    Raises
    ------
    ConvwrightError
        For a knob that the model does not have, or a text that is no value of it.

    Examples
    --------
    >>> from convwright.studio.shared.knobs import knobs_of
    >>> read_design("resnet18", {"stem": "cifar", "depth": "1"}, knobs_of("resnet18"))
    Design(model='resnet18', changes=(('stem', 'cifar'),))
    """
    known = {knob.name: knob for knob in knobs}
    for name in texts:
        if name not in known:
            raise unknown(f"knob of {model}", name, known)
    values = {name: knob.read(texts[name]) for name, knob in known.items() if name in texts}
    return Design(
        model=model,
        changes=tuple((name, value) for name, value in values.items() if value != known[name].default),
    )


def texts_of(design: Design, knobs: Iterable[Knob]) -> dict[str, str]:
    """Return the changed knobs as texts: what `read_design` takes."""
    known = {knob.name: knob for knob in knobs}
    return {name: known[name].text(value) for name, value in design.changes}


def address_of(design: Design, knobs: Iterable[Knob]) -> str:
    """Return the query of the page that shows a design.

    >>> from convwright.studio.shared.knobs import knobs_of
    >>> address_of(Design(model="resnet18", changes=(("blocks", (1, 1, 1, 1)),)), knobs_of("resnet18"))
    '?model=resnet18&blocks=1,+1,+1,+1'
    """
    return "?" + urlencode({MODEL: design.model, **texts_of(design, knobs)}, safe=",;:/")
