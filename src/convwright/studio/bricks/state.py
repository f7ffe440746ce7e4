"""What is tried: a lesson with its knobs, as an address that opens it again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from ...errors import ConvwrightError, require_choice, unknown
from ..shared.knobs import Knob
from .filters import FILTERS
from .layers import CONVOLUTION, brick_names

LESSON = "lesson"


@dataclass(frozen=True, kw_only=True)
class Slider(Knob):
    """A number within bounds.

    Attributes
    ----------
    low, high, step : float
        Its bounds, both included, and how finely it moves.
    """

    low: float
    high: float
    step: float = 1

    def read(self, text: str) -> Any:
        """The value that `text` stands for; see `Knob.read`."""
        value = super().read(text)
        if not self.low <= value <= self.high:
            raise ConvwrightError(self.label, expected=f"{self.low:g} to {self.high:g}", got=text)
        return value


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """One of the page's lessons.

    Attributes
    ----------
    title : str
        What it is called.
    says : str
        What there is to see.
    knobs : tuple of Knob
        What can be turned.
    """

    title: str
    says: str
    knobs: tuple[Knob, ...]


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A lesson with all its knobs.

    Attributes
    ----------
    lesson : str
        Its name in `LESSONS`.
    values : tuple of (name, value)
        Of each knob.
    """

    lesson: str
    values: tuple[tuple[str, Any], ...]

    def __getitem__(self, name: str) -> Any:
        """The value of a knob."""
        return dict(self.values)[name]

    def texts(self) -> dict[str, str]:
        """What each control says: what `read_trial` takes."""
        values = dict(self.values)
        knobs = LESSONS[self.lesson].knobs
        return {LESSON: self.lesson, **{knob.name: knob.text(values[knob.name]) for knob in knobs}}

    def changed(self) -> tuple[str, ...]:
        """The knobs that are not where the lesson begins."""
        values = dict(self.values)
        return tuple(knob.name for knob in LESSONS[self.lesson].knobs if values[knob.name] != knob.default)

    def address(self) -> str:
        """The query of the page that shows it."""
        changed = (LESSON, *self.changed())
        return "?" + urlencode([(name, text) for name, text in self.texts().items() if name in changed])


def read_trial(texts: Mapping[str, str]) -> Trial:
    """The trial of an address; what it leaves out is where the lesson begins.

    Raises
    ------
    ConvwrightError
        For a lesson or a knob that there is not, or a value that the knob cannot take.

    Examples
    --------
    >>> read_trial({"lesson": "shift", "stride": "3"}).address()
    '?lesson=shift&stride=3'
    """
    given = dict(texts)
    lesson = given.pop(LESSON, next(iter(LESSONS)))
    require_choice(LESSON, lesson, LESSONS)
    knobs = {knob.name: knob for knob in LESSONS[lesson].knobs}
    for name in given:
        if name not in knobs:
            raise unknown(f"knob of the lesson {lesson}", name, knobs)
    values = tuple((name, knob.read(given[name]) if name in given else knob.default) for name, knob in knobs.items())
    return Trial(lesson=lesson, values=values)


_PICTURE = Knob(name="picture", kind="word", default="chelsea")
_FILTER = Knob(
    name="filter",
    kind="choice",
    default="vertical edges",
    choices=tuple(FILTERS),
    help="What the convolution looks for.",
)
_KERNEL = Slider(name="kernel_size", kind="whole", default=2, low=1, high=9, help="Pixels of a side of the window.")
_STRIDE = Slider(name="stride", kind="whole", default=2, low=1, high=8, help="Pixels from one window to the next.")
_PADDING = Slider(name="padding", kind="whole", default=0, low=0, high=4, help="Pixels added on each side.")
_DILATION = Slider(name="dilation", kind="whole", default=1, low=1, high=4, help="Pixels from one tap to the next.")
_MIX = Slider(
    name="mix",
    kind="number",
    default=0.5,
    low=0,
    high=1,
    step=0.05,
    help="Of mixed pooling: the weight of the maximum.",
)
_P = Slider(name="p", kind="number", default=3.0, low=1, high=20, step=0.5, help="Of Lp and GeM pooling: the power.")
_BRICK = Knob(
    name="brick", kind="choice", default=CONVOLUTION, choices=brick_names(), help="What is done in each window."
)

LESSONS: Mapping[str, Lesson] = {
    "window": Lesson(
        title="A window walks",
        says="A window walks over the map. At each stop, what lies under it becomes one number of the output.",
        knobs=(
            _BRICK,
            _FILTER,
            replace(_KERNEL, default=3),
            replace(_STRIDE, default=1),
            _PADDING,
            _DILATION,
            _MIX,
            _P,
            _PICTURE,
        ),
    ),
    "pools": Lesson(
        title="Poolings side by side",
        says="Each makes the same window one number in its own way. The maximum keeps what is brightest, the average"
        " dilutes it and is never above it; the others lie between.",
        knobs=(replace(_KERNEL, default=5), replace(_STRIDE, default=5), _PADDING, _MIX, _P, _PICTURE),
    ),
    "halves": Lesson(
        title="Ways to halve a map",
        says="A strided convolution skips places; a pooling looks at all of them first, which costs four times the"
        " multiply-accumulates of the same convolution.",
        knobs=(_FILTER, _PICTURE),
    ),
    "shift": Lesson(
        title="A shift by one pixel",
        says="The photograph moves a little, and its features with it. How much of the smaller map changes says how"
        " well each way bears it.",
        knobs=(
            _FILTER,
            replace(_KERNEL, default=3),
            _STRIDE,
            Slider(name="shift", kind="whole", default=1, low=0, high=8, help="Pixels to the left."),
            _MIX,
            _P,
            _PICTURE,
        ),
    ),
}
