"""The page of fields without a browser: a design, a layer of it, a photograph, and what the layer sees of that."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from ...analysis.effective_field import EffectiveField
from ...errors import ConvwrightError, unknown
from ..shared.design import Design, address_of, texts_of
from ..shared.knobs import LAYER, MODEL, PICTURE, PINNED
from ..shared.photographs import Photographs
from ..shared.view import View
from ..shared.workbench import Workbench
from . import fragments
from .heat import growing_field, require_affordable
from .steps import Step, steps_of

FIRST_PICTURE = "chelsea"


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A page's parts.

    Attributes
    ----------
    address : str
        The query that opens the same.
    values : mapping of str to str
        What each control says.
    step : int
        The number of the layer.
    parts : mapping of str to str
        HTML, by the part of the page.
    """

    address: str
    values: Mapping[str, str]
    step: int
    parts: Mapping[str, str]

    @property
    def state(self) -> dict[str, Any]:
        """What the script of the page needs."""
        return {
            "title": f"{self.values[MODEL]}, field",
            "address": self.address,
            "values": dict(self.values),
            "changed": [],
            "step": self.step,
        }


class FieldScreen:
    """What one page has open.

    Parameters
    ----------
    bench : Workbench
        What may be opened.
    photographs : Photographs
        What can be looked at.

    Attributes
    ----------
    design : Design
        What is open: the last that could be read.
    layer : str
        The key of the layer, or a module that it is in; "" for the last.
    picture : str
        The name of the photograph.
    problem : str
        Why the last request could not be; "" when it could.
    heat : EffectiveField or None
        Of the layer, as far as it is known.
    """

    def __init__(self, bench: Workbench, photographs: Photographs) -> None:
        self._bench, self._photographs = bench, photographs
        self.design: Design = bench.first
        self.layer, self.picture, self.problem = "", FIRST_PICTURE, ""
        self._image = photographs.get(self.picture)
        self.heat: EffectiveField | None = None
        self._heats: Iterator[EffectiveField] | None = None

    def open(self, query: Mapping[str, str]) -> None:
        """Open the design of an address, with the layer and the photograph that it names."""
        texts = dict(query)
        layer, picture = texts.pop(LAYER, ""), texts.pop(PICTURE, FIRST_PICTURE)
        texts.pop(PINNED, None)  # the designer's address opens here, too
        try:
            design = self._bench.design(texts)
            image = self._photographs.get(picture)
        except ConvwrightError as error:
            self.problem = str(error)
            return
        if (design, layer) != (self.design, self.layer):
            self.cool()
        self.design, self.layer, self.picture, self.problem = design, layer, picture, ""
        self._image = image

    def turn(self, name: str, text: str) -> None:
        """Choose another model (with no knob turned), layer or photograph."""
        if name == MODEL:
            self.open({MODEL: text, PICTURE: self.picture})
        else:
            texts = texts_of(self.design, self._bench.knobs(self.design.model))
            now = {MODEL: self.design.model, LAYER: self.layer, PICTURE: self.picture, **texts}
            self.open(now | {name: text})

    def cool(self) -> None:
        """Forget the effective field, and stop measuring it."""
        self.heat = self._heats = None

    def is_measuring(self, heats: Iterator[EffectiveField]) -> bool:
        """Whether it is still these that are wanted."""
        return self._heats is heats

    def measure(self, heats: Iterator[EffectiveField]) -> None:
        """Measure one image more, unless something else is wanted by then; says so where the network fails."""
        try:
            found = next(heats, None)
        except Exception as error:  # whatever the code of a network raises on real numbers
            if self.is_measuring(heats):
                self.cool()
                words = str(error).partition("\n")[0] or type(error).__name__
                self.problem = f"the effective field of {self.design.model} cannot be measured: {words}"
            return
        if self.is_measuring(heats):
            self.heat, self._heats = (self.heat, None) if found is None else (found, heats)

    def heats(self) -> Iterator[EffectiveField]:
        """Begin to measure the effective field of the layer; each is over one image more.

        Raises
        ------
        ConvwrightError
            When the layer has none, or memory would not do.
        """
        view = self._bench.view(self.design)
        if view.analysis is None:
            raise ConvwrightError(view.problem)
        _, step = self._step(steps_of(view.analysis))
        if not step.module:
            hint = "choose a convolution or pooling that is a module"
            raise ConvwrightError(f"{step.key} has no effective field of its own", hint=hint)
        require_affordable(view.analysis)
        design, shape = self.design, view.analysis.input_shapes[0]
        self.heat, self.problem = None, ""
        self._heats = growing_field(lambda: self._bench.with_weights(design), shape, step.module)
        return self._heats

    def shown(self) -> Shown:
        """What the page shows."""
        view = self._bench.view(self.design)
        steps, unseen = _seen(view)
        problem, number = self.problem or unseen, max(len(steps) - 1, 0)
        if steps:
            try:
                number = self._step(steps)[0]
            except ConvwrightError as error:
                problem = problem or str(error)
        knobs = self._bench.knobs(self.design.model)
        design = address_of(self.design, knobs)
        return Shown(
            address=self._address(design),
            values={MODEL: self.design.model, PICTURE: self.picture},
            step=number,
            parts={
                "models": fragments.models_part(self._bench.models()),
                "photograph": fragments.photograph_part(self._photographs.names()),
                "design": fragments.design_part(design, texts_of(self.design, knobs)),
                "title": fragments.title_part(self.design.model, problem),
                **fragments.seen_parts(view, steps, self._image, self.heat, number),
                "heat": fragments.heat_part(steps, number, self.heat, is_heating=self._heats is not None),
            },
        )

    def _address(self, design: str) -> str:
        more = {LAYER: self.layer} if self.layer else {}
        more |= {PICTURE: self.picture} if self.picture != FIRST_PICTURE else {}
        return design + ("&" + urlencode(more, safe="@") if more else "")

    def _step(self, steps: tuple[Step, ...]) -> tuple[int, Step]:
        """The layer that is open, or the last one inside it; the last of all, when none is named."""
        if not self.layer:
            return len(steps) - 1, steps[-1]
        numbers = {step.key: number for number, step in enumerate(steps)}
        inside = [number for number, step in enumerate(steps) if step.key.startswith(f"{self.layer}.")]
        number = numbers.get(self.layer, max(inside, default=-1))
        if number < 0:
            raise unknown("layer with a window", self.layer, numbers)
        return number, steps[number]


def _seen(view: View) -> tuple[tuple[Step, ...], str]:
    """The steps of a network, or none and the reason."""
    if view.analysis is None:
        return (), view.problem
    try:
        return steps_of(view.analysis), ""
    except ConvwrightError as error:
        return (), str(error)
