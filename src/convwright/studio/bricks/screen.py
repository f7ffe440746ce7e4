"""The page of bricks without a browser: what is tried, and everything that is shown of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...errors import ConvwrightError
from ..shared.photographs import Photographs
from . import fragments
from .lesson import lessons
from .state import LESSON, LessonState, read_lesson

_KEPT = ("picture", "filter")  # from lesson to lesson


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A page's parts.

    Attributes
    ----------
    address : str
        The query that opens the same.
    title : str
        Of the lesson.
    values : mapping of str to str
        What each control says.
    changed, idle : tuple of str
        The knobs that are not where the lesson begins, and those that change nothing here.
    parts : mapping of str to str
        HTML, by the part of the page.
    """

    address: str
    title: str
    values: Mapping[str, str]
    changed: tuple[str, ...]
    idle: tuple[str, ...]
    parts: Mapping[str, str]

    @property
    def state(self) -> dict[str, Any]:
        """What the script of the page needs."""
        return {
            "title": self.title,
            "address": self.address,
            "values": dict(self.values),
            "changed": self.changed,
            "idle": self.idle,
        }


class BricksScreen:
    """What one page has open.

    Parameters
    ----------
    photographs : Photographs
        What can be looked at.

    Attributes
    ----------
    lesson_state : LessonState
        What is tried: the last that could be read.
    problem : str
        Why the last request could not be; "" when it could.
    """

    def __init__(self, photographs: Photographs) -> None:
        self._photographs = photographs
        self.lesson_state: LessonState = read_lesson({})
        self.problem = ""
        self._image = photographs.get(self.lesson_state.values["picture"])

    def open(self, query: Mapping[str, str]) -> None:
        """Try what an address says."""
        try:
            state = read_lesson(query)
            self._image = self._photographs.get(state.values["picture"])
        except ConvwrightError as error:
            self.problem = str(error)
        else:
            self.lesson_state, self.problem = state, ""

    def turn(self, name: str, text: str) -> None:
        """Set one knob, or go to another lesson with the same photograph."""
        texts = self.lesson_state.texts()
        if name == LESSON:
            known = {knob.name for knob in lessons()[text].controls} if text in lessons() else set()
            texts = {kept: texts[kept] for kept in _KEPT if kept in texts and kept in known}
        self.open(texts | {name: text})

    def shown(self) -> Shown:
        """What the page shows."""
        state = self.lesson_state
        lesson = state.lesson
        return Shown(
            address=state.address(),
            title=lesson.title,
            values=state.texts(),
            changed=state.changed(),
            idle=lesson.idle(state.values),
            parts={
                "lessons": fragments.lessons_bar(state.name),
                "knobs": fragments.knobs_form(lesson, self._photographs.names()),
                "stage": fragments.stage(state, self._image, self.problem),
            },
        )
