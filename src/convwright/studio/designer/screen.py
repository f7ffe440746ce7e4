"""The designer without a page: what is open, what a turn of a knob makes of it, and everything that is shown."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ... import units
from ...errors import ConvwrightError
from ..shared.design import Design, address_of, read_design, texts_of
from ..shared.knobs import table_of
from ..shared.photograph_fragments import photograph_form
from ..shared.photographs import Photographs
from ..shared.view import View, layers_of
from ..shared.workbench import Workbench
from . import fix_fragments as mending_fragments
from . import fragments
from . import side_by_side as beside_fragments
from .code import code_of
from .explained import formulas_list, seen
from .file_edits import FileEdits
from .fix_preview import Mending, find
from .layer_source import origin
from .state import FIRST_PICTURE, Opened, address_of_opened, read_opened

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
    edits : FileEdits, optional
        Of the file that was named, which all pages share.
    photographs : Photographs, optional
        That fields are drawn on, which all pages share.

    Attributes
    ----------
    opened : Opened
        What is looked at: the last that could be read.
    problem : str
        Why the last request could not be; "" when it could.
    mending : Mending or None
        The finding that is being fixed.
    """

    def __init__(
        self, bench: Workbench, edits: FileEdits | None = None, photographs: Photographs | None = None
    ) -> None:
        self._bench = bench
        self._photographs = photographs or Photographs()
        self._edits = edits or FileEdits(bench)
        self.opened = Opened(design=bench.first)
        self.problem = ""
        self.mending: Mending | None = None

    @property
    def design(self) -> Design:
        """The network that is open."""
        return self.opened.design

    def open(self, query: Mapping[str, str]) -> None:
        """Open what an address says."""
        try:
            opened = read_opened(self._bench, query)
        except ConvwrightError as error:
            self.problem = str(error)
            return
        is_fixed = (opened.design, opened.fix) == (self.design, self.opened.fix)
        self.opened, self.problem = replace(opened, fix=self.opened.fix, picture=FIRST_PICTURE), ""
        if opened.fix and not is_fixed:
            self.act(f"mend {opened.fix}")
        elif not opened.fix:
            self._leave()
        if opened.picture != FIRST_PICTURE:
            self.see(opened.picture)

    def see(self, picture: str) -> None:
        """Draw fields on another photograph."""
        try:
            self._photographs.get(picture)
            self.opened = replace(self.opened, picture=picture)
        except ConvwrightError as error:
            self.problem = str(error)

    def turn(self, name: str, text: str) -> None:
        """Set one knob."""
        knobs = self._bench.knobs(self.design.model)
        try:
            self._put(read_design(self.design.model, texts_of(self.design, knobs) | {name: text}, knobs))
        except ConvwrightError as error:
            self.problem = str(error)

    def choose(self, model: str) -> None:
        """Open a model, or the same one anew, with no knob turned."""
        try:
            self._put(self._bench.design({"model": model}), layer="")
        except ConvwrightError as error:
            self.problem = str(error)

    def act(self, words: str) -> None:
        """Do what a button is for: its name, and what it is about."""
        name, _, about = words.partition(" ")
        acts = {
            "reset": lambda: self.choose(self.design.model),
            "explain": lambda: self._put(self.design, layer=about),
            "pin": lambda: self._put(self.design, pinned=self.design),
            "unpin": lambda: self._put(self.design, pinned=None),
            "swap": lambda: self._put(self.opened.pinned or self.design, pinned=self.design),
            "mend": lambda: self._mend(about),
            "stop": self._stop,
            "leave": self._leave,
            "take": lambda: self._take(about),
            "write": self._write,
            "take-back": self._take_back,
        }
        try:
            acts.get(name, lambda: None)()
        except ConvwrightError as error:
            self.problem = str(error)

    def look_further(self, seconds: float) -> dict[str, str]:
        """Try more turns of knobs for the finding that is being fixed; the parts of the page that show it."""
        mending = self.mending
        if mending and mending.search:
            mending.search.more(seconds)
        return self._mending_parts()

    @property
    def is_searching(self) -> bool:
        """Whether there are turns left to try."""
        mending = self.mending
        return mending is not None and mending.is_searching

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
            address=address_of_opened(self._bench, self.opened),
            values={"model": design.model, "picture": self.opened.picture, **texts},
            changed=tuple(name for name, _ in design.changes),
            parts={
                "models": fragments.models_form(self._bench.models(), is_pinned=self.opened.pinned is not None),
                "knobs": fragments.knobs_form(knobs, "" if is_own else table_of(design.model)),
                "facts": fragments.facts(view, base, problem=problem),
                "code": fragments.code_block(code),
                "photograph": photograph_form(self._photographs.names()) if self.opened.layer else "",
            },
            code=code,
            view=view,
        )

    def judged(self, view: View) -> dict[str, str]:
        """The parts that may follow a moment later: what the linter has a say in, and the formulas of a layer."""
        layers = layers_of(view, DEPTH)
        return {
            "layers": fragments.layers_table(view, layers),
            "findings": fragments.findings_list(
                view, layers, has_knobs=self.design.model in self._bench.zoo, can_undo=self._can_undo
            ),
            "seen": self._seen(view),
            "formulas": formulas_list(view, self.opened.layer),
            "spoken": fragments.spoken(view),
            "beside": self._beside(view),
            **self._mending_parts(),
        }

    @property
    def _can_undo(self) -> bool:
        return self.design.model not in self._bench.zoo and self._edits.can_undo

    def _put(self, design: Design, **more: Any) -> None:
        """Open a design, and what else is said; the fix of a finding is one of the design that has it."""
        if design != self.design:
            self._leave()
        self.opened, self.problem = replace(self.opened, design=design, **more), ""

    def _seen(self, view: View) -> str:
        layer, picture = self.opened.layer, self.opened.picture
        if not layer:
            return ""
        known = picture if picture in self._photographs.names() else FIRST_PICTURE  # others were sent meanwhile
        built = origin(self._bench, self.design, view, layer)
        design = address_of(self.design, self._bench.knobs(self.design.model))
        return seen(view, layer, built, self._photographs.get(known), design)

    def _mend(self, about: str) -> None:
        number, code, path = [*about.split(" "), "", ""][:3]
        view = self.view()
        folded = find(view, int(number), code, path) if number.isdecimal() else None
        self.mending = Mending(self.design, view, folded, self._bench, self._edits) if folded else None
        self.opened = replace(self.opened, fix=about if folded else "")
        self.problem = "" if folded else f"{code or 'that'} is not found there any more"

    def _stop(self) -> None:
        if self.mending and self.mending.search:
            self.mending.search.stop()

    def _leave(self) -> None:
        self.mending, self.opened = None, replace(self.opened, fix="")

    def _take(self, knob: str) -> None:
        if self.mending and self.mending.search and knob in self.mending.search.found:
            self._put(self.mending.search.found[knob].design)

    def _write(self) -> None:
        source = self.mending.source if self.mending else None
        if source and source.texts:
            self._put(self.design)
            self._leave()
            self._edits.write(source)

    def _take_back(self) -> None:
        self._put(self.design)
        self._leave()
        if self._can_undo:
            self._edits.undo()

    def _mending_parts(self) -> dict[str, str]:
        mending = self.mending
        if mending is None:
            return {"mending": "", "searching": ""}
        return {"mending": mending_fragments.offers(mending), "searching": mending_fragments.searching(mending)}

    def _beside(self, view: View) -> str:
        pinned = self.opened.pinned
        if pinned is None:
            return ""
        sides = tuple(
            beside_fragments.Side(design=design, knobs=self._bench.knobs(design.model), view=looked)
            for design, looked in ((pinned, self._bench.view(pinned)), (self.design, view))
        )
        return beside_fragments.beside(*sides)


def _summary(view: View) -> str:
    if view.analysis is None:
        return ""
    totals, shape = view.analysis.totals, view.analysis.input_shapes[0][1:]
    return f"{units.count(totals.parameters)} parameters, {units.count(totals.macs, 'MACs')} at {units.size(shape)}."
