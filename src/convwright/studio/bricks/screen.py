"""The page of bricks without a browser: what is tried, and everything that is shown of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...errors import ConvwrightError
from ..shared.photographs import Photographs
from . import fragments
from .layers import takes
from .state import LESSON, LESSONS, Trial, read_trial

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
    trial : Trial
        What is tried: the last that could be read.
    problem : str
        Why the last request could not be; "" when it could.
    """

    def __init__(self, photographs: Photographs) -> None:
        self._photographs = photographs
        self.trial: Trial = read_trial({})
        self.problem = ""
        self._image = photographs.get(self.trial["picture"])

    def open(self, query: Mapping[str, str]) -> None:
        """Try what an address says."""
        try:
            trial = read_trial(query)
            self._image = self._photographs.get(trial["picture"])
        except ConvwrightError as error:
            self.problem = str(error)
        else:
            self.trial, self.problem = trial, ""

    def turn(self, name: str, text: str) -> None:
        """Set one knob, or go to another lesson with the same photograph."""
        texts = self.trial.texts()
        if name == LESSON:
            known = {knob.name for knob in LESSONS[text].knobs} if text in LESSONS else set()
            texts = {kept: texts[kept] for kept in _KEPT if kept in texts and kept in known}
        self.open(texts | {name: text})

    def shown(self) -> Shown:
        """What the page shows."""
        trial = self.trial
        lesson = LESSONS[trial.lesson]
        return Shown(
            address=trial.address(),
            title=lesson.title,
            values=trial.texts(),
            changed=trial.changed(),
            idle=_idle(trial),
            parts={
                "lessons": fragments.lessons_bar(trial.lesson),
                "knobs": fragments.knobs_form(trial.lesson, self._photographs.names()),
                "stage": fragments.stage(trial, self._image, self.problem),
            },
        )


def _idle(trial: Trial) -> tuple[str, ...]:
    if trial.lesson != "window":
        return ()
    used = {"brick", "picture", *takes(trial["brick"])}
    return tuple(knob.name for knob in LESSONS["window"].knobs if knob.name not in used)
