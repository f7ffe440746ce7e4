"""The parts of the page of fields as HTML: a photograph, boxes and heat over it, and the layers beside it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from PIL import Image, ImageOps

from ... import units
from ...analysis.effective_field import EffectiveField
from ...analysis.facts import Analysis
from ...reports.analysis.field_picture import as_png, heated
from ...reports.analysis.rows import pixels
from ...reports.to_html import embedded
from ..shared.html import templates_beside
from ..shared.photograph_fragments import photograph_form
from ..shared.view import View
from .heat import NUM_IMAGES
from .steps import Step, share_of_macs

render = templates_beside(__file__)

_MOST_MARGIN = 0.4  # of the image's side: boxes that reach further are cut, their size is in the words
_CODE = "CW203"  # what the linter says of unproductive layers


def photograph_part(names: Sequence[str]) -> str:
    """Where a photograph is chosen or sent."""
    return render("photograph.html.j2", form=photograph_form(names))


def design_part(address: str, changes: Mapping[str, str]) -> str:
    """What is different about the model, and the way to the page that turns its knobs."""
    return render("design.html.j2", address=address, changes=changes)


def models_part(models: Mapping[str, Sequence[str]]) -> str:
    """Which model, by family."""
    return render("models.html.j2", models=models)


def title_part(model: str, problem: str) -> str:
    """What the page is about, and the sentence that says what is wrong, where something is."""
    return render("title.html.j2", model=model, problem=problem)


def seen_parts(
    view: View, steps: Sequence[Step], image: Image.Image, heat: EffectiveField | None, number: int
) -> dict[str, str]:
    """The photograph, the heat over it, the boxes over that, and the table of layers; empty without steps."""
    names = ("photo", "overlay", "boxes", "layers")
    if view.analysis is None or not steps:
        return dict.fromkeys(names, "")
    height, width = view.analysis.fields.image_px
    fitted = ImageOps.fit(image, (width, height))
    frame = _frame(steps, height, width)
    photo = {"frame": frame, "width": width, "height": height, "picture": embedded(as_png(fitted))}
    content = {
        "photo": photo,
        "overlay": {"frame": frame, "width": width, "height": height, **_overlay(fitted, steps[number], heat)},
        "boxes": {"frame": frame, "steps": steps, "boxes": [_box(step) for step in steps], "data": _data(steps)},
        "layers": {"steps": steps, "said": _said(view, view.analysis, steps)},
    }
    return {name: render(f"{name}.html.j2", **content[name]) for name in names}


def heat_part(steps: Sequence[Step], number: int, heat: EffectiveField | None, *, is_heating: bool) -> str:
    """How to measure the effective field, how far that is, and what has come out."""
    if not steps:
        return ""
    words = ""
    if heat is not None:
        share = units.percent(heat.area_px / heat.gradient.size)
        words = (
            f"{units.percent(heat.mass)} of the gradient falls on {heat.area_px:,} pixels ({share} of the image), the"
            f" area of a square of {heat.size_px:.0f} px, where {steps[number].field_px} px could count."
        )
    return render(
        "heat.html.j2",
        words=words,
        num_done=heat.num_images if heat else 0,
        num_images=NUM_IMAGES,
        is_heating=is_heating,
        has_module=bool(steps[number].module),
    )


def _frame(steps: Sequence[Step], height: int, width: int) -> str:
    """What is drawn: the image, and as much around it as the largest box needs."""
    reach = max(max(-step.field.first[0], -step.field.first[1]) for step in steps)
    reach = max(reach, *(max(step.field.last[0] - height, step.field.last[1] - width) for step in steps))
    margin = min(max(reach, 0) + 4, _MOST_MARGIN * max(height, width))
    return f"{-margin:g} {-margin:g} {width + 2 * margin:g} {height + 2 * margin:g}"


def _box(step: Step) -> Mapping[str, int]:
    (top, left), (bottom, right) = step.field.first, step.field.last
    return {"x": left, "y": top, "width": right - left + 1, "height": bottom - top + 1}


def _data(steps: Sequence[Step]) -> str:
    """What the script shows at each step; it computes nothing."""
    return json.dumps([{"key": step.key, "box": _box(step), "words": _words(step)} for step in steps])


def _words(step: Step) -> str:
    words = f"{step.field.label}: {units.percent(step.share)} of the image's side"
    return f"{words}. Its input already sees the whole image." if step.is_unproductive else f"{words}."


def _overlay(image: Image.Image, step: Step, heat: EffectiveField | None) -> Mapping[str, Any]:
    if heat is None:
        return {"picture": "", "square": {}}
    box, side = _box(step), heat.size_px
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    return {
        "picture": embedded(as_png(heated(image, heat.gradient))),
        "square": {"x": middle[0] - side / 2, "y": middle[1] - side / 2, "side": side},
    }


def _said(view: View, analysis: Analysis, steps: Sequence[Step]) -> Mapping[str, str]:
    """What is to be said of the layers that see no further."""
    late = [step for step in steps if step.is_unproductive]
    findings = [folded.first for folded in view.findings if folded.first.code == _CODE]
    image = units.size(analysis.fields.image_px)
    field = pixels(analysis.totals.receptive_field_px)
    if late:
        cost = units.percent(share_of_macs(analysis, tuple(steps)))
        count = f"{len(late)} of {len(steps) - 1} windows"
        text = f"{count} look at a map that already sees all {image} px: {cost} of the MACs."
    else:
        text = f"Every window still widens the field, up to {field} px of an image of {image} px."
    return {"text": text, "finding": findings[0].message if findings else "", "code": _CODE}
