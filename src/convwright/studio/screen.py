"""The designer without a page: what is open, what a turn of a knob makes of it, and everything that is shown."""

from collections.abc import Mapping
from dataclasses import dataclass

from .. import units
from ..errors import ConvwrightError
from . import fragments
from .code import code_of
from .design import Design, address_of, read_design, texts_of
from .knobs import table_of
from .view import View, layers_of
from .workbench import Workbench

DEPTH = 3  # levels of the table of layers


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A page's parts.

    Attributes
    ----------
    address : str
        The query that opens the same.
    values : mapping of str to str
        What each control says.
    changed : tuple of str
        The knobs that are not at the model's own value.
    parts : mapping of str to str
        HTML, by the part of the page; that of `judged` is not among it.
    code : str
        Python that builds the same network; "" for one that comes from a file.
    view : View
        Of the network.
    """

    address: str
    values: Mapping[str, str]
    changed: tuple[str, ...]
    parts: Mapping[str, str]
    code: str
    view: View


class Screen:
    """What one page has open.

    Parameters
    ----------
    bench : Workbench
        What may be opened.

    Attributes
    ----------
    design : Design
        What is open: the last one that could be read.
    problem : str
        Why the last request could not be; "" when it could.
    layer : str
        The module whose formulas are shown; "" for none.
    """

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self.design = bench.first
        self.problem = ""
        self.layer = ""

    def open(self, query: Mapping[str, str]) -> None:
        """Open the design of an address."""
        try:
            self.design, self.problem = self._bench.design(query), ""
        except ConvwrightError as error:
            self.problem = str(error)

    def turn(self, name: str, text: str) -> None:
        """Set one knob."""
        knobs = self._bench.knobs(self.design.model)
        try:
            texts = texts_of(self.design, knobs) | {name: text}
            self.design, self.problem = read_design(self.design.model, texts, knobs), ""
        except ConvwrightError as error:
            self.problem = str(error)

    def choose(self, model: str) -> None:
        """Open a model, or the same one anew, with no knob turned."""
        self.open({"model": model})

    def view(self) -> View:
        """Look at what is open."""
        return self._bench.view(self.design)

    def shown(self) -> Shown:
        """What the page shows at once."""
        design, view, problem = self.design, self.view(), self.problem
        knobs = self._bench.knobs(design.model)
        base = self._bench.view(Design(model=design.model)) if design.changes and view.analysis else None
        is_own = design.model not in self._bench.zoo
        texts = {knob.name: knob.text(knob.default) for knob in knobs} | texts_of(design, knobs)
        code = "" if is_own else code_of(design, _summary(view))
        return Shown(
            address=address_of(design, knobs),
            values={"model": design.model, **texts},
            changed=tuple(name for name, _ in design.changes),
            parts={
                "models": fragments.models_form(self._bench.models()),
                "knobs": fragments.knobs_form(knobs, "" if is_own else table_of(design.model)),
                "facts": fragments.facts(view, base, problem=problem),
                "code": fragments.code_block(code),
            },
            code=code,
            view=view,
        )


def judged(view: View, layer: str = "") -> dict[str, str]:
    """The parts that may follow a moment later: what the linter has a say in, and the formulas of a layer."""
    layers = layers_of(view, DEPTH)
    return {
        "layers": fragments.layers_table(view, layers),
        "findings": fragments.findings_list(view, layers),
        "formulas": fragments.formulas_list(view, layer),
        "spoken": fragments.spoken(view),
    }


def _summary(view: View) -> str:
    if view.analysis is None:
        return ""
    totals, shape = view.analysis.totals, view.analysis.input_shapes[0][1:]
    return f"{units.count(totals.parameters)} parameters, {units.count(totals.macs, 'MACs')} at {units.size(shape)}."
