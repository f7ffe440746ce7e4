"""Photographs as numbers, and numbers as pictures."""

import io
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from ...reports.to_html import embedded

SIDE = 240  # pixels of the longer side of what lessons look at
CROP = 12  # of the map that a window walks over
_SMALL = 40  # pixels of the shorter side of the photograph that it is cut from
TOP = 99  # the brightest value there


def tensor_of(image: Image.Image, side: int = SIDE) -> Tensor:
    """Convert a photograph to (1, 3, H, W), values from 0 to 1, its longer side shrunk to `side`."""
    shrunk = image.copy()
    shrunk.thumbnail((side, side), Image.Resampling.LANCZOS)
    return torch.tensor(np.asarray(shrunk), dtype=torch.float32).movedim(2, 0)[None] / 255


def picture(x: Tensor) -> str:
    """Convert a map (1, 3, H, W) or (1, 1, H, W) to the address of an image: 0 is black, 1 white."""
    values = (x[0].clamp(0, 1) * 255).round().byte().movedim(0, 2).numpy()
    stream = io.BytesIO()
    Image.fromarray(values if values.shape[2] == 3 else values[..., 0]).save(stream, "PNG")
    return embedded(stream.getvalue())


@dataclass(frozen=True, kw_only=True, eq=False)
class Crop:
    """A small piece of a photograph.

    Attributes
    ----------
    values : Tensor
        (1, 1, CROP, CROP): its brightness, whole numbers from 0 to `TOP`.
    left, top, width, height : float
        Where it is, as shares of the photograph's sides.
    """

    values: Tensor
    left: float
    top: float
    width: float
    height: float


def liveliest_crop(image: Image.Image) -> Crop:
    """Return the piece of a photograph, made small, whose brightness varies most."""
    scale = _SMALL / min(image.size)
    width, height = (round(side * scale) for side in image.size)
    small = np.asarray(image.convert("L").resize((width, height), Image.Resampling.LANCZOS))
    brightness = torch.tensor(small, dtype=torch.float64)[None, None]
    mean, squares = (F.avg_pool2d(map_, CROP, stride=1) for map_ in (brightness, brightness**2))
    places = (squares - mean**2)[0, 0]
    top, left = divmod(int(places.argmax()), places.shape[1])
    cut = brightness[..., top : top + CROP, left : left + CROP]
    return Crop(
        values=(cut * TOP / 255).round().float(),
        left=left / width,
        top=top / height,
        width=CROP / width,
        height=CROP / height,
    )
