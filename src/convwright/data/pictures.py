"""One encoded image to an array: whatever it was stored as, 8 bits a channel, gray or red-green-blue, upright."""

import contextlib
import io
import struct
import zlib
from dataclasses import dataclass, replace

import numpy as np
from PIL import ExifTags, Image, ImageOps

from .sources.raw import Pixels

PHOTOGRAPH_SIZE = 224  # where images differ in size and nobody asked for one

_GRAY = {"1", "L", "LA", "La"}

# What Pillow raises for files that are cut off, overwritten or no images at all.
BROKEN = (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error, Image.DecompressionBombError)


@dataclass(frozen=True, kw_only=True)
class Form:
    """What all images of a set are brought to.

    Attributes
    ----------
    channels : int
        1 for gray, 3 for red, green, blue.
    height, width : int
        In pixels.
    resize : bool
        Whether other sizes are resized and cropped; else they do not fit.
    """

    channels: int
    height: int
    width: int
    resize: bool = False


class UnlikeImages(Exception):  # noqa: N818  a message from worker to planner, which no user sees
    """An image does not fit the form; `form` is one that it and those before fit."""

    def __init__(self, form: Form) -> None:
        super().__init__(form)
        self.form = form


def form_of(content: bytes) -> Form:
    """The form in which an image comes, by what stands before its pixels."""
    with Image.open(io.BytesIO(content)) as image:
        width, height = image.size
        if image.getexif().get(ExifTags.Base.Orientation, 1) >= 5:  # lies on its side
            width, height = height, width
        if image.mode[0] in "IF":  # more than 8 bits, whose range is to be seen first
            _opened(content)
        is_gray = image.mode in _GRAY or image.mode.startswith("I")
    return Form(channels=1 if is_gray else 3, height=height, width=width)


def is_small_jpeg(content: bytes) -> bool:
    """Whether an image of at most 64 pixels is a JPEG: photographs are born so, small images have lost by it."""
    with contextlib.suppress(*BROKEN), Image.open(io.BytesIO(content)) as image:
        return image.format == "JPEG" and max(image.size) <= 64
    return False


def decoded(content: bytes, form: Form) -> Pixels:
    """The pixels of an encoded image in a form: (C, H, W).

    Transparent images lie on white; 16 bits are scaled to 8; photographs are turned upright as their camera says. Where
    the form resizes, the shorter side is brought to size with antialiasing, and the center is kept.

    Raises
    ------
    UnlikeImages
        When the image has colors and the form is gray, or another size and the form does not resize.
    ValueError, OSError or another of `BROKEN`
        When it cannot be decoded.
    """
    image = _opened(content)
    better = form
    if len(image.getbands()) > form.channels:
        better = replace(better, channels=3)
    if image.size != (form.width, form.height) and not form.resize:
        better = replace(better, height=PHOTOGRAPH_SIZE, width=PHOTOGRAPH_SIZE, resize=True)
    if better != form:
        raise UnlikeImages(better)
    if image.size != (form.width, form.height):
        image = ImageOps.fit(image, (form.width, form.height), Image.Resampling.BILINEAR)
    return _pixels(image, form.channels)


def whole(content: bytes, channels: int) -> Pixels:
    """The pixels of an encoded image in its own size: (C, H, W); see `decoded`."""
    return _pixels(_opened(content), channels)


def _pixels(image: Image.Image, channels: int) -> Pixels:
    pixels = np.asarray(image.convert("RGB" if channels == 3 else "L"))
    return pixels[None] if channels == 1 else np.moveaxis(pixels, 2, 0)


def _opened(content: bytes) -> Image.Image:
    """An image of mode L or RGB."""
    image: Image.Image = Image.open(io.BytesIO(content))
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):
        return _from_16_bits(image)
    if image.mode == "F":
        raise ValueError("floating-point pixels, whose range nobody knows")
    if image.has_transparency_data:
        gray = image.mode in _GRAY
        seen = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen).convert("L" if gray else "RGB")
    return image.convert("L" if image.mode in {"1", "L"} else "RGB")


def _from_16_bits(image: Image.Image) -> Image.Image:
    values = np.asarray(image).astype(np.int64)
    if values.min() < 0 or values.max() > 65535:
        raise ValueError(f"values from {values.min()} to {values.max()}, which 16 bits do not hold")
    return Image.fromarray(np.rint(values / 257).astype(np.uint8))
