"""The lesson that is open with the values of its knobs, as an address that opens it again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from ...errors import require_choice, unknown
from .lesson import Lesson, lessons

LESSON = "lesson"


@dataclass(frozen=True, kw_only=True)
class LessonState:
    """A lesson with a value for each of its controls.

    Attributes
    ----------
    name : str
        Key of the lesson in `lessons`.
    values : mapping of str to object
        Value of each control by its name.
    """

    name: str
    values: Mapping[str, Any]

    @property
    def lesson(self) -> Lesson:
        """The lesson itself."""
        return lessons()[self.name]

    def texts(self) -> dict[str, str]:
        """Return the text of each control: what `read_lesson` takes."""
        return {LESSON: self.name, **{knob.name: knob.text(self.values[knob.name]) for knob in self.lesson.controls}}

    def changed(self) -> tuple[str, ...]:
        """Return the controls that are not where the lesson begins."""
        return tuple(knob.name for knob in self.lesson.controls if self.values[knob.name] != knob.default)

    def address(self) -> str:
        """Return the query of the page that shows it."""
        changed = (LESSON, *self.changed())
        return "?" + urlencode([(name, text) for name, text in self.texts().items() if name in changed])


def read_lesson(texts: Mapping[str, str]) -> LessonState:
    """Read an address; controls that it leaves out are where the lesson begins.

    Raises
    ------
    ConvwrightError
        For an unknown lesson or control, or a value that a control cannot take.

    Examples
    --------
    >>> read_lesson({"lesson": "shift", "stride": "3"}).address()
    '?lesson=shift&stride=3'
    """
    given = dict(texts)
    name = given.pop(LESSON, next(iter(lessons())))
    require_choice(LESSON, name, lessons())
    knobs = {knob.name: knob for knob in lessons()[name].controls}
    for each in given:
        if each not in knobs:
            raise unknown(f"knob of the lesson {name}", each, knobs)
    values = {each: knob.read(given[each]) if each in given else knob.default for each, knob in knobs.items()}
    return LessonState(name=name, values=values)
