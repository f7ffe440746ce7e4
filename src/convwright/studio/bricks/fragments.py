"""The parts of the page of bricks as HTML, everything in them escaped."""

from collections.abc import Sequence

from markupsafe import Markup
from PIL import Image

from ...errors import ConvwrightError
from ..shared.html import templates_beside
from ..shared.photograph_fragments import photograph_form
from .lesson import Lesson, Slider, lessons
from .state import LessonState

render = templates_beside(__file__)


def lessons_bar(current: str) -> Markup:
    """Name the lessons, of which one is open."""
    return render("lessons.html.j2", lessons=lessons(), current=current)


def knobs_form(lesson: Lesson, pictures: Sequence[str]) -> Markup:
    """Show a labeled control for each knob of a lesson, and the choice of a photograph."""
    knobs = [(knob, isinstance(knob, Slider)) for knob in lesson.knobs]
    return render("knobs.html.j2", knobs=knobs, photograph=photograph_form(pictures))


def stage(state: LessonState, image: Image.Image, problem: str = "") -> Markup:
    """Show what a lesson measures, or the sentence that says why it cannot."""
    try:
        result = state.lesson.measure(state.values, image)
    except ConvwrightError as error:
        result, problem = None, problem or str(error)
    return render("stage.html.j2", lesson=state.lesson, result=result, problem=problem)
