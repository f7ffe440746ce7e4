"""The parts of the page of bricks as HTML: the lessons, made of what they measure, everything in them escaped."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import torch
from markupsafe import Markup
from PIL import Image
from torch import Tensor

from ... import units
from ...errors import ConvwrightError
from ...layers import poolings
from ..shared.html import templates_beside
from ..shared.knobs import Knob
from ..shared.photograph_fragments import photograph_form
from .lessons import HALVED, Made, costs_of_halving, halved, shifted, side_by_side, whole_map
from .pixels import picture, tensor_of
from .state import LESSONS, Slider, Trial
from .walk_fragments import walk_stage

render = templates_beside(__file__)

_SHOWN = 0.995  # of the values of a map are not above white


def lessons_bar(current: str) -> str:
    """The lessons, of which one is open."""
    return render("lessons.html.j2", lessons=LESSONS, current=current)


def knobs_form(lesson: str, pictures: Sequence[str]) -> str:
    """A labeled control for each knob of a lesson."""
    knobs: list[tuple[Knob, bool]] = [
        (knob, isinstance(knob, Slider)) for knob in LESSONS[lesson].knobs if knob.name != "picture"
    ]
    photograph = photograph_form(pictures)
    return render("knobs.html.j2", knobs=knobs, photograph=photograph)


def stage(trial: Trial, image: Image.Image, problem: str = "") -> str:
    """What a lesson shows, or the sentence that says why it cannot."""
    lesson = LESSONS[trial.lesson]
    try:
        content = _STAGES[trial.lesson](trial, image)
    except ConvwrightError as error:
        content, problem = Markup(), problem or str(error)
    return render("stage.html.j2", title=lesson.title, says=lesson.says, content=content, problem=problem)


def _pools_stage(trial: Trial, image: Image.Image) -> str:
    x = tensor_of(image)
    options = {name: trial[name] for name in ("kernel_size", "stride", "padding", "mix", "p")}
    pooled = sorted(side_by_side(x, **options), key=lambda one: -one.brightness[0])
    made = [Made(name="the photograph", map=x), *pooled, *whole_map(x)]
    cards = [{**_card(one), "brick": poolings().get(one.brick or one.name), "numbers": _numbers(one)} for one in made]
    return render("cards.html.j2", cards=cards, ratio=f"{image.width} / {image.height}")


def _halves_stage(trial: Trial, image: Image.Image) -> str:
    made, costs = halved(tensor_of(image), trial["filter"]), costs_of_halving()
    white = _white(one.map for one in made)
    rows = [
        {
            **_card(Made(name=one.name, map=one.map / white)),
            "parameters": f"{costs[one.name].parameters:,}",
            "macs": units.count(costs[one.name].macs),
            "share": 100 * costs[one.name].macs / max(cost.macs for cost in costs.values()),
            "times": f"{costs[one.name].macs / min(cost.macs for cost in costs.values()):.2f}",
        }
        for one in made
    ]
    return render("halves.html.j2", rows=rows, halved=HALVED)


def _shift_stage(trial: Trial, image: Image.Image) -> str:
    options = {name: trial[name] for name in ("shift", "kernel_size", "stride", "mix", "p")}
    found = shifted(tensor_of(image), trial["filter"], **options)
    white = _white(one.before for one in found)
    most = max(one.change for one in found) or 1.0
    rows = [
        {
            "name": one.name,
            "before": picture(one.before / white),
            "difference": picture(one.difference / white),
            "change": units.percent(one.change),
            "left": units.percent(one.left),
            "change_share": 100 * one.change / most,
            "left_share": 100 * min(one.left / most, 1),
        }
        for one in found
    ]
    return render("shift.html.j2", rows=rows, shift=trial["shift"], stride=trial["stride"])


def _white(maps: Iterable[Tensor]) -> float:
    """What is to be shown as white: nearly the largest value, since a few points would leave all else black."""
    return max(torch.quantile(map_, _SHOWN).item() for map_ in maps) or 1.0


def _card(made: Made) -> Mapping[str, Any]:
    return {"name": made.name, "picture": picture(made.map), "size": units.size(tuple(made.map.shape[2:]))}


def _numbers(made: Made) -> Mapping[str, str]:
    names = ("mean", "brightest", "deviation")
    return {name: f"{value:.3f}" for name, value in zip(names, made.brightness, strict=True)}


_STAGES: Mapping[str, Callable[[Trial, Image.Image], str]] = {
    "window": walk_stage,
    "pools": _pools_stage,
    "halves": _halves_stage,
    "shift": _shift_stage,
}
