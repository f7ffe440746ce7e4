"""The page of fields without a browser: a design, a layer of it, a photograph, and the field of the layer."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

from ...analysis.effective_field import EffectiveField
from ...errors import ConvwrightError, unknown
from ..shared.design import Design, address_of, texts_of
from ..shared.knobs import LAYER, MODEL, PICTURE, PINNED
from ..shared.photographs import Photographs
from ..shared.user_network import steps_in_process
from ..shared.view import View
from ..shared.workbench import Workbench
from ..web.screen import PageState, Parts
from . import fragments
from .fragments import Measurement
from .heat import growing_field, growing_field_of_file, require_affordable
from .steps import FieldStep, steps_of

FIRST_PICTURE = "chelsea"


class FieldScreen:
    """Network, layer and photograph of one browser tab.

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
        self._fields: Iterator[EffectiveField] | None = None
        self._position = 0

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
            self._cool()
        self.design, self.layer, self.picture, self.problem = design, layer, picture, ""
        self._image = image

    def set(self, name: str, text: str) -> None:
        """Choose another model (at its own values), layer or photograph."""
        if name == MODEL:
            self.open({MODEL: text, PICTURE: self.picture})
        else:
            texts = texts_of(self.design, self._bench.knobs(self.design.model))
            now = {MODEL: self.design.model, LAYER: self.layer, PICTURE: self.picture, **texts}
            self.open(now | {name: text})

    def act(self, words: str) -> None:
        """Reset the knobs ("reset"), or measure the effective field ("heat start", "heat stop")."""
        if words == "reset":
            self.set(MODEL, self.design.model)
            return
        self._cool()
        if words == "heat start":
            try:
                self._start_measuring()
            except ConvwrightError as error:
                self.problem = str(error)

    @property
    def state(self) -> PageState:
        """State for the script of the page."""
        more = {LAYER: self.layer} if self.layer else {}
        more |= {PICTURE: self.picture} if self.picture != FIRST_PICTURE else {}
        design = address_of(self.design, self._bench.knobs(self.design.model))
        return PageState(
            title=f"{self.design.model}, field",
            address=design + ("&" + urlencode(more, safe="@") if more else ""),
            values={MODEL: self.design.model, PICTURE: self.picture},
            position=self._position,
        )

    def draw(self) -> Iterator[Parts]:
        """Draw the fields, and then the effective field after each image that it is measured on."""
        view = self._bench.view(self.design)
        steps, problem = _steps(view)
        problem, self._position = self.problem or problem, max(len(steps) - 1, 0)
        if steps:
            try:
                self._position = self._step(steps)[0]
            except ConvwrightError as error:
                problem = problem or str(error)
        knobs = self._bench.knobs(self.design.model)
        yield {
            "models": fragments.models_part(self._bench.models()),
            "photograph": fragments.photograph_part(self._photographs.names()),
            "design": fragments.design_part(address_of(self.design, knobs), texts_of(self.design, knobs)),
            "title": fragments.title_part(self.design.model, problem),
            **fragments.field_parts(view, steps, self._image),
            **self._heat_parts(view, steps),
        }
        while self._fields is not None:
            self._measure()
            title = fragments.title_part(self.design.model, self.problem or problem)
            yield {"title": title, **self._heat_parts(view, steps)}

    def _heat_parts(self, view: View, steps: tuple[FieldStep, ...]) -> Parts:
        found = Measurement(position=self._position, heat=self.heat, is_running=self._fields is not None)
        return fragments.heat_parts(view, steps, self._image, found)

    def _cool(self) -> None:
        """Forget the effective field, and stop measuring it."""
        self.heat = self._fields = None

    def _start_measuring(self) -> None:
        view = self._bench.view(self.design)
        if view.analysis is None:
            raise ConvwrightError(view.problem)
        _, step = self._step(steps_of(view.analysis))
        if not step.module:
            hint = "choose a convolution or pooling that is a module"
            raise ConvwrightError(f"{step.key} has no effective field of its own", hint=hint)
        require_affordable(view.analysis)
        design, shape = self.design, view.analysis.input_shapes[0]
        self.problem = ""
        if self._bench.is_users(design):
            self._fields = steps_in_process(growing_field_of_file, *self._bench.opened(design), shape, step.module)
        else:
            self._fields = growing_field(lambda: self._bench.with_weights(design), shape, step.module)

    def _measure(self) -> None:
        """Measure one image more; says so where the network fails."""
        assert self._fields is not None  # noqa: S101 - the caller has asked
        try:
            found = next(self._fields, None)
        except Exception as error:  # whatever the code of a network raises on real numbers
            self._cool()
            words = str(error).partition("\n")[0] or type(error).__name__
            self.problem = f"the effective field of {self.design.model} cannot be measured: {words}"
            return
        self.heat, self._fields = (self.heat, None) if found is None else (found, self._fields)

    def _step(self, steps: tuple[FieldStep, ...]) -> tuple[int, FieldStep]:
        """Return the layer that is open, or the last one inside it; the last of all, when none is named."""
        if not self.layer:
            return len(steps) - 1, steps[-1]
        numbers = {step.key: number for number, step in enumerate(steps)}
        inside = [number for number, step in enumerate(steps) if step.key.startswith(f"{self.layer}.")]
        number = numbers.get(self.layer, max(inside, default=-1))
        if number < 0:
            raise unknown("layer with a window", self.layer, numbers)
        return number, steps[number]


def _steps(view: View) -> tuple[tuple[FieldStep, ...], str]:
    """Return the steps of a network, or none and the reason."""
    if view.analysis is None:
        return (), view.problem
    try:
        return steps_of(view.analysis), ""
    except ConvwrightError as error:
        return (), str(error)
