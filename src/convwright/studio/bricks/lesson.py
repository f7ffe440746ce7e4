"""A lesson: what one file of `lessons` says, so that the page, its tests and addresses find it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from markupsafe import Markup
from PIL import Image

from ...discover import discover
from ...errors import ConvwrightError
from ..shared.knobs import Knob

PICTURE = Knob(name="picture", kind="word", default="chelsea")


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
        """Return the value that `text` stands for; see `Knob.read`."""
        value = super().read(text)
        if not self.low <= value <= self.high:
            raise ConvwrightError(self.label, expected=f"{self.low:g} to {self.high:g}", got=text)
        return value


@dataclass(frozen=True, kw_only=True)
class LessonResult:
    """A photograph, measured as the knobs of a lesson say.

    Attributes
    ----------
    claim : str
        The lesson's point, with the numbers that were measured.
    numbers : mapping of str to float
        What was measured; every knob changes at least one of them.
    content : Markup
        What is shown; see `blocks`.
    """

    claim: str
    numbers: Mapping[str, float]
    content: Markup


def _none_idle(_values: Mapping[str, Any]) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """One lesson of the page.

    Attributes
    ----------
    order : int
        Its place on the page: lessons are sorted by it, then by name. The first one opens.
    title : str
        What it is called.
    introduction : str
        What there is to see, in a sentence or two.
    knobs : tuple of Knob
        What can be set, besides the photograph.
    measure : callable
        Given the value of each knob by name, and the photograph, measures it.
    idle : callable
        Given the same values, names the knobs that change nothing at these.
    """

    order: int
    title: str
    introduction: str
    knobs: tuple[Knob, ...]
    measure: Callable[[Mapping[str, Any], Image.Image], LessonResult]
    idle: Callable[[Mapping[str, Any]], tuple[str, ...]] = _none_idle

    @property
    def controls(self) -> tuple[Knob, ...]:
        """The knobs, and the choice of a photograph."""
        return (*self.knobs, PICTURE)


@cache
def lessons() -> dict[str, Lesson]:
    """Return every lesson by the name of its file, in the order of the page.

    >>> list(lessons())[:2]
    ['window', 'pools']
    """
    found = cast(dict[str, Lesson], discover(f"{__package__}.lessons", "LESSON"))
    return dict(sorted(found.items(), key=lambda pair: (pair[1].order, pair[0])))
