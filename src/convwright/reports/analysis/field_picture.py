"""Receptive fields drawn over a photograph: boxes in, picture out."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ... import units
from ...analysis.facts import Analysis
from ...errors import ConvwrightError
from ...graph import Op
from ...units import pixels
from .. import palette
from ..to_html import render

COLORS = (palette.ORANGE, palette.SKY, palette.GREEN, palette.YELLOW, palette.BLUE, palette.VERMILION, palette.PURPLE)
_MOST_MARGIN = 1.0  # of the image's side: fields that reach further are cut, their size stays in the legend
_SIDE = 480  # pixels that the image takes in the picture


@dataclass(frozen=True, kw_only=True)
class DrawnField:
    """A field to draw.

    Attributes
    ----------
    label : str
        Op that sees it, and its size.
    first, last : tuple of int
        Corners (row, column) in pixels of the image, both included; they may lie outside of it.
    """

    label: str
    first: tuple[int, ...]
    last: tuple[int, ...]


def drawn_field(analysis: Analysis, op: Op) -> DrawnField:
    """The field of the middle position of an op's output.

    Raises
    ------
    ConvwrightError
        When the output does not depend on the image.
    """
    seen = analysis.fields.of(op)
    if seen is None:
        raise ConvwrightError(f"{op.path or op.kind} does not depend on the image")
    box = analysis.fields.field_of(op)
    size = units.size([op.output.shape[axis] for axis in analysis.fields.map_axes(op.output)]) or "one value"
    label = f"{op.path or op.kind}: {pixels(seen.receptive_field_px)} px, jump {pixels(seen.jump_px)} px, map {size}"
    return DrawnField(label=label, first=box.first, last=box.last)


def field_picture(
    image: Image.Image, fields: Sequence[DrawnField], *, heat: NDArray[np.float64] | None = None
) -> Image.Image:
    """`image` with each field as a box, and a legend below; see `boxes_over`."""
    return _with_legend(boxes_over(image, fields, heat=heat), [field.label for field in fields])


def boxes_over(
    image: Image.Image, fields: Sequence[DrawnField], *, heat: NDArray[np.float64] | None = None
) -> Image.Image:
    """`image` with each field as a box, parts outside of the image on a gray ground.

    Parameters
    ----------
    image : PIL.Image.Image
        At the size that the network reads.
    fields : sequence of DrawnField
        From the smallest to the largest.
    heat : array of (height, width), optional
        Weight of each pixel; laid over the image in red.
    """
    height, width = image.height, image.width
    zoom = _SIDE / max(height, width)
    reach = max(
        [0, *(-min(f.first[0], f.first[1]) for f in fields)]
        + [max(f.last[0] - height, f.last[1] - width) for f in fields]
    )
    margin = int(zoom * min(reach + 4, _MOST_MARGIN * max(height, width)))
    photo = heated(image.convert("RGB"), heat).resize(
        (round(width * zoom), round(height * zoom)), Image.Resampling.BICUBIC
    )
    canvas = Image.new("RGB", (photo.width + 2 * margin, photo.height + 2 * margin), "#d9dde1")
    canvas.paste(photo, (margin, margin))
    draw = ImageDraw.Draw(canvas)
    for number, field in enumerate(fields):
        top, left = (margin + zoom * edge for edge in field.first)
        bottom, right = (margin + zoom * (edge + 1) for edge in field.last)
        line = 4 if number == len(fields) - 1 else 2
        draw.rectangle((left, top, right, bottom), outline=COLORS[number % len(COLORS)], width=line)
    return canvas


def heated(image: Image.Image, heat: NDArray[np.float64] | None) -> Image.Image:
    """`image` in gray, red where `heat` is; the image itself where there is none."""
    if heat is None or not heat.max() > 0:
        return image
    # The square root shows the faint rim, which the peak would drown.
    strength = np.sqrt(heat / heat.max())[..., None]
    gray = np.asarray(image.convert("L").convert("RGB"), dtype=np.float64)
    red = np.array([213.0, 40.0, 0.0])
    return Image.fromarray((gray * (1 - strength) * 0.75 + red * strength).clip(0, 255).astype(np.uint8))


def as_png(picture: Image.Image) -> bytes:
    """`picture` as the bytes of a PNG file."""
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()


def field_page(picture: Image.Image, title: str, lines: Sequence[str]) -> str:
    """The picture and what it shows as one HTML page that opens alone."""
    encoded = base64.b64encode(as_png(picture)).decode()
    return render("field.html.j2", title=title, picture=encoded, width=picture.width, lines=lines)


def _with_legend(picture: Image.Image, labels: Sequence[str]) -> Image.Image:
    font = ImageFont.load_default(size=15)
    row = 24
    whole = Image.new("RGB", (picture.width, picture.height + row * len(labels) + 12), "white")
    whole.paste(picture, (0, 0))
    draw = ImageDraw.Draw(whole)
    for number, label in enumerate(labels):
        y = picture.height + 8 + row * number
        draw.rectangle((12, y + 2, 30, y + 16), outline="#333333", fill=COLORS[number % len(COLORS)])
        draw.text((40, y), label, fill="#1b2733", font=font)
    return whole
