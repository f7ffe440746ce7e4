"""Decode one image to an array: 8 bits a channel, gray or red-green-blue, upright, however it was stored."""

import contextlib
import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self, TypeVar

import numpy as np
import torch
import torch.nn.functional as F
from PIL import ExifTags, Image, ImageOps

from ..preprocessing import GRAY_MODES, Preprocessing, upright
from .sources.raw import EncodedImages, Pixels

PHOTOGRAPH_SIZE = 224  # where images differ in size and nobody asked for one

# What Pillow raises for files that are cut off, overwritten or no images at all.
BROKEN = (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error, Image.DecompressionBombError)

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Form:
    """Channels and size that all images of a data set are brought to.

    Attributes
    ----------
    channels : int
        1 for gray, 3 for red, green, blue.
    height, width : int
        In pixels.
    resize : bool
        True if images of other sizes are resized and cropped; otherwise they do not fit.
    preprocessing : Preprocessing or None
        Resizing and cropping for a set of weights; None for as little as possible.
    """

    channels: int
    height: int
    width: int
    resize: bool = False
    preprocessing: Preprocessing | None = field(default=None, repr=False)

    @classmethod
    def of(cls, preprocessing: Preprocessing) -> Self:
        """Return the form that a set of weights needs."""
        side = preprocessing.crop_px
        return cls(channels=3, height=side, width=side, resize=True, preprocessing=preprocessing)

    @property
    def num_bytes(self) -> int:
        """Size of a decoded image."""
        return self.channels * self.height * self.width

    @property
    def interpolation(self) -> str:
        """Interpolation for crops of whole images."""
        return self.preprocessing.interpolation if self.preprocessing else "bilinear"


class FormMismatch(ValueError):  # noqa: N818
    """An image has colors and its form is gray, or it has another size and its form does not resize."""


def open_stored(images: EncodedImages, row: int, task: Callable[[bytes], T]) -> T:
    """Return what `task` makes of the bytes of one image.

    Raises
    ------
    CorruptImageError
        If they cannot be read, or `task` raises one of `BROKEN`.
    """
    try:
        return task(images.read(row))
    except BROKEN as error:
        raise images.corrupt(row, error) from error


def form_of(content: bytes) -> Form:
    """Return the form of an encoded image, by what stands before its pixels."""
    with Image.open(io.BytesIO(content)) as image:
        width, height = image.size
        if image.getexif().get(ExifTags.Base.Orientation, 1) >= 5:  # lies on its side
            width, height = _opened(content).size if image.format == "TIFF" else (height, width)  # some Pillows turn it
        if image.mode[0] in "IF":  # more than 8 bits, whose range is to be seen first
            _opened(content)
        is_gray = image.mode in GRAY_MODES or image.mode.startswith("I")
    return Form(channels=1 if is_gray else 3, height=height, width=width)


def is_small_jpeg(content: bytes) -> bool:
    """Return True if an image of at most 64 pixels is a JPEG: unlike a photograph, it has lost detail by that."""
    with contextlib.suppress(*BROKEN), Image.open(io.BytesIO(content)) as image:
        return image.format == "JPEG" and max(image.size) <= 64
    return False


def decoded(content: bytes, form: Form) -> Pixels:
    """Decode an image to a form: pixels (C, H, W).

    Transparent images lie on white; 16 bits are scaled to 8; photographs are turned upright as their camera says. Where
    the form resizes, the shorter side is brought to size with antialiasing, and the center is kept: as the weights ask
    for, where the form is for some.

    Raises
    ------
    FormMismatch
        When the image has colors and the form is gray, or another size and the form does not resize.
    ValueError, OSError or another of `BROKEN`
        When it cannot be decoded.
    """
    if form.preprocessing:
        return form.preprocessing.pixels(Image.open(io.BytesIO(content)))
    image = _opened(content)
    fits = image.size == (form.width, form.height)
    if len(image.getbands()) > form.channels or not (fits or form.resize):
        raise FormMismatch(f"{image.width}x{image.height} pixels of mode {image.mode} do not fit {form}")
    if not fits:
        image = ImageOps.fit(image, (form.width, form.height), Image.Resampling.BILINEAR)
    return _pixels(image, form.channels)


def whole(content: bytes, channels: int) -> Pixels:
    """Decode an image in its own size: pixels (C, H, W); see `decoded`."""
    return _pixels(_opened(content), channels)


def resized(images: Pixels, form: Form) -> Pixels:
    """Bring decoded images (N, C, H, W) to a form, with antialiasing if their size changes."""
    if form.preprocessing:
        return np.stack([form.preprocessing.pixels(picture_of(image)) for image in images])
    if images.shape[2:] == (form.height, form.width):
        return images
    tensor = torch.from_numpy(np.ascontiguousarray(images)).float()
    size = (form.height, form.width)
    interpolated = F.interpolate(tensor, size, mode="bilinear", antialias=True, align_corners=False)
    return interpolated.round().clamp(0, 255).to(torch.uint8).numpy()


def picture_of(pixels: Pixels) -> Image.Image:
    """Return the image of pixels (C, H, W), gray or red-green-blue."""
    return Image.fromarray(pixels[0] if len(pixels) == 1 else np.moveaxis(pixels, 0, 2))


def _pixels(image: Image.Image, channels: int) -> Pixels:
    pixels = np.asarray(image.convert("RGB" if channels == 3 else "L"))
    return pixels[None] if channels == 1 else np.moveaxis(pixels, 2, 0)


def _opened(content: bytes) -> Image.Image:
    """Open an image and bring it to mode L or RGB."""
    return upright(Image.open(io.BytesIO(content)))
