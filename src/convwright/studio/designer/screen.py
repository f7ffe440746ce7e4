"""The page of the designer without a browser: what is open, and everything that is shown of it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from markupsafe import Markup

from ... import units
from ...errors import ConvwrightError
from ..shared.design import Design, address_of, read_design, texts_of
from ..shared.knobs import MODEL, PICTURE, table_of
from ..shared.photograph_fragments import photograph_form
from ..shared.photographs import Photographs
from ..shared.view import View, layers_of
from ..shared.workbench import Workbench
from ..web.screen import Download, PageState, Parts
from . import fragments
from .code import code_of
from .explained import formulas_list, layer_part
from .exports import export
from .file_edits import FileEdits
from .fix_fragments import fix_parts
from .fix_preview import FixPreview, find
from .layer_source import layer_source
from .side_by_side import DesignSide, side_by_side
from .state import FIRST_PICTURE, DesignerState, address_of_state, read_state

DEPTH = 3  # levels of the table of layers
_SLICE_SECONDS = 0.25  # that the one worker searches for fixes before it sees to others


class DesignerScreen:
    """Design, layer and fix of one browser tab.

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
    opened : DesignerState
        What is looked at: the last that could be read.
    problem : str
        Why the last request could not be; "" when it could.
    fix : FixPreview or None
        The finding that is being fixed.
    """

    def __init__(
        self, bench: Workbench, edits: FileEdits | None = None, photographs: Photographs | None = None
    ) -> None:
        self._bench = bench
        self._photographs = photographs or Photographs()
        self._edits = edits or FileEdits(bench)
        self.opened = DesignerState(design=bench.first)
        self.problem = ""
        self.fix: FixPreview | None = None
        self._is_step = True

    @property
    def design(self) -> Design:
        """The network that is open."""
        return self.opened.design

    def open(self, query: Mapping[str, str]) -> None:
        """Open what an address says."""
        try:
            opened = read_state(self._bench, query)
        except ConvwrightError as error:
            self.problem = str(error)
            return
        is_fixed = (opened.design, opened.fix) == (self.design, self.opened.fix)
        self.opened, self.problem = replace(opened, fix=self.opened.fix, picture=FIRST_PICTURE), ""
        if opened.fix and not is_fixed:
            self.act(f"fix {opened.fix}")
        elif not opened.fix:
            self._leave()
        if opened.picture != FIRST_PICTURE:
            self.set(PICTURE, opened.picture)
        self._is_step = True

    def set(self, name: str, text: str) -> None:
        """Set one knob; or open another model, or draw fields on another photograph."""
        self._is_step = name != PICTURE
        try:
            if name == MODEL:
                self._choose(text)
            elif name == PICTURE:
                self._photographs.get(text)
                self.opened = replace(self.opened, picture=text)
            else:
                knobs = self._bench.knobs(self.design.model)
                self._put(read_design(self.design.model, texts_of(self.design, knobs) | {name: text}, knobs))
        except ConvwrightError as error:
            self.problem = str(error)

    def act(self, words: str) -> Download | None:
        """Do what a button is for: its name, and what it is about."""
        name, _, about = words.partition(" ")
        self._is_step = name != "explain"
        acts: Mapping[str, Callable[[], object]] = {
            "reset": lambda: self._choose(self.design.model),
            "explain": lambda: self._put(self.design, layer=about),
            "pin": lambda: self._put(self.design, pinned=self.design),
            "unpin": lambda: self._put(self.design, pinned=None),
            "swap": lambda: self._put(self.opened.pinned or self.design, pinned=self.design),
            "fix": lambda: self._fix(about),
            "stop": self._stop,
            "leave": self._leave,
            "take": lambda: self._take(about),
            "write": self._write,
            "take-back": self._take_back,
        }
        try:
            if name == "export":
                view = self._bench.view(self.design)
                return export(view, self._code(view), about)
            acts.get(name, lambda: None)()
        except ConvwrightError as error:
            self.problem = str(error)
        return None

    @property
    def state(self) -> PageState:
        """State for the script of the page."""
        knobs = self._bench.knobs(self.design.model)
        texts = {knob.name: knob.text(knob.default) for knob in knobs} | texts_of(self.design, knobs)
        return PageState(
            title=self.design.model,
            address=address_of_state(self._bench, self.opened),
            values={MODEL: self.design.model, PICTURE: self.opened.picture, **texts},
            changed=tuple(name for name, _ in self.design.changes),
            is_step=self._is_step,
        )

    def draw(self) -> Iterator[Parts]:
        """Draw the network as a picture with its costs; then what the linter says; then the fixes that are found."""
        design, view = self.design, self._bench.view(self.design)
        knobs = self._bench.knobs(design.model)
        base = self._bench.view(Design(model=design.model)) if design.changes and view.analysis else None
        yield {
            "models": fragments.models_form(self._bench.models(), is_pinned=self.opened.pinned is not None),
            "knobs": fragments.knobs_form(knobs, "" if self._is_own else table_of(design.model)),
            "facts": fragments.facts(view, base, problem=self.problem),
            "code": fragments.code_block(self._code(view)),
            "photograph": photograph_form(self._photographs.names()) if self.opened.layer else Markup(),
        }
        layers = layers_of(view, DEPTH)
        can_undo = self._is_own and self._edits.can_undo
        yield {
            "layers": fragments.layers_table(view, layers),
            "findings": fragments.findings_list(view, layers, has_knobs=not self._is_own, can_undo=can_undo),
            "layer": self._layer(view),
            "formulas": formulas_list(view, self.opened.layer),
            "spoken": fragments.spoken(view),
            "side_by_side": self._side_by_side(view),
            **fix_parts(self.fix),
        }
        while self.fix and self.fix.search and not self.fix.search.is_done:
            self.fix.search.more(_SLICE_SECONDS)
            yield fix_parts(self.fix)

    @property
    def _is_own(self) -> bool:
        """True if it comes from the file named on the command line, rather than from the zoo."""
        return self.design.model not in self._bench.zoo

    def _code(self, view: View) -> str:
        """Python that builds the same network; "" for one that comes from a file."""
        if self._is_own:
            return ""
        if view.analysis is None:
            return code_of(self.design)
        totals, shape = view.analysis.totals, view.analysis.input_shapes[0][1:]
        costs = f"{units.count(totals.parameters)} parameters, {units.count(totals.macs, 'MACs')}"
        return code_of(self.design, f"{costs} at {units.size(shape)}.")

    def _choose(self, model: str) -> None:
        """Open a model, or the same one anew, at its own values."""
        self._put(self._bench.design({MODEL: model}), layer="")

    def _put(self, design: Design, **more: Any) -> None:
        """Open a design, and what else is said; the fix of a finding is one of the design that has it."""
        if design != self.design:
            self._leave()
        self.opened, self.problem = replace(self.opened, design=design, **more), ""

    def _layer(self, view: View) -> Markup:
        layer, picture = self.opened.layer, self.opened.picture
        if not layer:
            return Markup()
        known = picture if picture in self._photographs.names() else FIRST_PICTURE  # others were sent meanwhile
        built = layer_source(self._bench, self.design, view, layer)
        design = address_of(self.design, self._bench.knobs(self.design.model))
        return layer_part(view, layer, built, self._photographs.get(known), design)

    def _fix(self, about: str) -> None:
        number, code, path = [*about.split(" "), "", ""][:3]
        view = self._bench.view(self.design)
        group = find(view, int(number), code, path) if number.isdecimal() else None
        self.fix = FixPreview(self.design, view, group, self._bench, self._edits) if group else None
        self.opened = replace(self.opened, fix=about if group else "")
        self.problem = "" if group else f"{code or 'that'} is not found there any more"

    def _stop(self) -> None:
        if self.fix and self.fix.search:
            self.fix.search.stop()

    def _leave(self) -> None:
        self.fix, self.opened = None, replace(self.opened, fix="")

    def _take(self, knob: str) -> None:
        if self.fix and self.fix.search and knob in self.fix.search.found:
            self._put(self.fix.search.found[knob].design)

    def _write(self) -> None:
        source = self.fix.source if self.fix else None
        if source and source.texts:
            self._put(self.design)
            self._leave()
            self._edits.write(source)

    def _take_back(self) -> None:
        self._put(self.design)
        self._leave()
        if self._is_own and self._edits.can_undo:
            self._edits.undo()

    def _side_by_side(self, view: View) -> Markup:
        pinned = self.opened.pinned
        if pinned is None:
            return Markup()
        sides = tuple(
            DesignSide(design=design, knobs=self._bench.knobs(design.model), view=looked)
            for design, looked in ((pinned, self._bench.view(pinned)), (self.design, view))
        )
        return side_by_side(*sides)
