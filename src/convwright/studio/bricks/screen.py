"""The page of bricks without a browser: the lesson that is open, and everything that is shown of it."""

from collections.abc import Iterator, Mapping

from ...errors import ConvwrightError
from ..shared.photographs import Photographs
from ..web.screen import PageState, Parts
from . import fragments
from .lesson import lessons
from .state import LESSON, LessonState, read_lesson

_KEPT = ("picture", "filter")  # from lesson to lesson


class BricksScreen:
    """Lesson and photograph of one browser tab.

    Parameters
    ----------
    photographs : Photographs
        What can be looked at.

    Attributes
    ----------
    lesson_state : LessonState
        The lesson and its knobs: the last that could be read.
    problem : str
        Why the last request could not be; "" when it could.
    """

    def __init__(self, photographs: Photographs) -> None:
        self._photographs = photographs
        self.lesson_state: LessonState = read_lesson({})
        self.problem = ""
        self._image = photographs.get(self.lesson_state.values["picture"])

    def open(self, query: Mapping[str, str]) -> None:
        """Open what an address says."""
        try:
            state = read_lesson(query)
            self._image = self._photographs.get(state.values["picture"])
        except ConvwrightError as error:
            self.problem = str(error)
        else:
            self.lesson_state, self.problem = state, ""

    def set(self, name: str, text: str) -> None:
        """Set one control."""
        self.open(self.lesson_state.texts() | {name: text})

    def act(self, words: str) -> None:
        """Go to another lesson ("lesson NAME") with the same photograph and filter."""
        name = words.removeprefix(f"{LESSON} ")
        known = {knob.name for knob in lessons()[name].controls} if name in lessons() else set()
        texts = self.lesson_state.texts()
        self.open({LESSON: name, **{kept: texts[kept] for kept in _KEPT if kept in texts and kept in known}})

    @property
    def state(self) -> PageState:
        """State for the script of the page."""
        state = self.lesson_state
        return PageState(
            title=state.lesson.title,
            address=state.address(),
            values=state.texts(),
            changed=state.changed(),
            idle=state.lesson.idle(state.values),
        )

    def draw(self) -> Iterator[Parts]:
        """Draw the lesson, in one step."""
        yield {
            "lessons": fragments.lessons_bar(self.lesson_state.name),
            "knobs": fragments.knobs_form(self.lesson_state.lesson, self._photographs.names()),
            "stage": fragments.stage(self.lesson_state, self._image, self.problem),
        }
