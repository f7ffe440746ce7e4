"""The parts of the page of fields as HTML: a photograph, boxes and heat over it, and the layers beside it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from PIL import Image, ImageOps

from ... import units
from ...analysis.effective_field import EffectiveField
from ...analysis.facts import Analysis
from ...reports.analysis.field_picture import as_png, heated
from ...reports.to_html import embedded
from ...units import pixels
from ..shared.html import templates_beside
from ..shared.photograph_fragments import photograph_form
from ..shared.view import View
from .heat import NUM_IMAGES
from .steps import FieldStep, share_of_macs

render = templates_beside(__file__)

_MOST_MARGIN = 0.4  # of the image's side: boxes that reach further are cut, their size is in the words
_CODE = "CW203"  # what the linter says of unproductive layers


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """The effective field of a layer, as far as it is known.

    Attributes
    ----------
    position : int
        Number of the layer among the steps.
    heat : EffectiveField or None
        The field over the images so far; None where none was measured.
    is_running : bool
        Whether more images follow.
    """

    position: int
    heat: EffectiveField | None = None
    is_running: bool = False


def photograph_part(names: Sequence[str]) -> Markup:
    """Show a form to choose or send a photograph."""
    return render("photograph.html.j2", form=photograph_form(names))


def design_part(address: str, changes: Mapping[str, str]) -> Markup:
    """Show the knobs that were changed, and a link to the page that changes them."""
    return render("design.html.j2", address=address, changes=changes)


def models_part(models: Mapping[str, Sequence[str]]) -> Markup:
    """Show the choice of a model, by family."""
    return render("models.html.j2", models=models)


def title_part(model: str, problem: str) -> Markup:
    """Show the title of the page, and the problem if there is one."""
    return render("title.html.j2", model=model, problem=problem)


def field_parts(view: View, steps: Sequence[FieldStep], image: Image.Image) -> dict[str, Markup]:
    """Show the photograph, the boxes over it, and the table of layers; empty without steps."""
    if view.analysis is None or not steps:
        return dict.fromkeys(("photo", "boxes", "layers"), Markup())
    height, width = view.analysis.fields.image_px
    frame = _frame(steps, height, width)
    picture = embedded(as_png(ImageOps.fit(image, (width, height))))
    # What the script shows at each step; it computes nothing.
    data = json.dumps([{"key": step.key, "box": _box(step), "words": _words(step)} for step in steps])
    return {
        "photo": render("photo.html.j2", frame=frame, width=width, height=height, picture=picture),
        "boxes": render("boxes.html.j2", frame=frame, steps=steps, boxes=[_box(step) for step in steps], data=data),
        "layers": render("layers.html.j2", steps=steps, said=_said(view, view.analysis, steps)),
    }


def heat_parts(view: View, steps: Sequence[FieldStep], image: Image.Image, found: Measurement) -> dict[str, Markup]:
    """Show how to measure the effective field, how far that is, and what has come out, also over the photograph."""
    if view.analysis is None or not steps:
        return {"heat": Markup(), "overlay": Markup()}
    step, heat, words = steps[found.position], found.heat, ""
    overlay: dict[str, Any] = {"picture": "", "square": {}}
    height, width = view.analysis.fields.image_px
    if heat is not None:
        share = units.percent(heat.area_px / heat.gradient.size)
        words = (
            f"{units.percent(heat.mass)} of the gradient falls on {heat.area_px:,} pixels ({share} of the image), the"
            f" area of a square of {heat.size_px:.0f} px, where {step.field_px} px could count."
        )
        box, side = _box(step), heat.size_px
        left, top = (box[start] + (box[size] - side) / 2 for start, size in (("x", "width"), ("y", "height")))
        overlay = {
            "picture": embedded(as_png(heated(ImageOps.fit(image, (width, height)), heat.gradient))),
            "square": {"x": left, "y": top, "side": side},
        }
    return {
        "heat": render(
            "heat.html.j2",
            words=words,
            num_done=heat.num_images if heat else 0,
            num_images=NUM_IMAGES,
            is_heating=found.is_running,
            has_module=bool(step.module),
        ),
        "overlay": render("overlay.html.j2", frame=_frame(steps, height, width), width=width, height=height, **overlay),
    }


def _frame(steps: Sequence[FieldStep], height: int, width: int) -> str:
    """Return the view box: the image, and as much around it as the largest box needs."""
    reach = max(max(-step.field.first[0], -step.field.first[1]) for step in steps)
    reach = max(reach, *(max(step.field.last[0] - height, step.field.last[1] - width) for step in steps))
    margin = min(max(reach, 0) + 4, _MOST_MARGIN * max(height, width))
    return f"{-margin:g} {-margin:g} {width + 2 * margin:g} {height + 2 * margin:g}"


def _box(step: FieldStep) -> Mapping[str, int]:
    (top, left), (bottom, right) = step.field.first, step.field.last
    return {"x": left, "y": top, "width": right - left + 1, "height": bottom - top + 1}


def _words(step: FieldStep) -> str:
    words = f"{step.field.label}: {units.percent(step.share)} of the image's side"
    return f"{words}. Its input already sees the whole image." if step.is_unproductive else f"{words}."


def _said(view: View, analysis: Analysis, steps: Sequence[FieldStep]) -> Mapping[str, str]:
    """Describe the layers that do not widen the field."""
    late = [step for step in steps if step.is_unproductive]
    findings = [group.first for group in view.findings if group.first.code == _CODE]
    image = units.size(analysis.fields.image_px)
    field = pixels(analysis.totals.receptive_field_px)
    if late:
        cost = units.percent(share_of_macs(analysis, tuple(steps)))
        count = f"{len(late)} of {len(steps) - 1} windows"
        text = f"{count} look at a map that already sees all {image} px: {cost} of the MACs."
    else:
        text = f"Every window still widens the field, up to {field} px of an image of {image} px."
    return {"text": text, "finding": findings[0].message if findings else "", "code": _CODE}
