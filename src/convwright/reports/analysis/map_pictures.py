"""Maps of a network as pictures, each a PNG file: arrays in, bytes out."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...extras import needs_extra
from .field_picture import as_png

_SIDE = 320  # pixels of the longer side of a photograph
_HEAT = 0.55  # of the heat over a photograph, as in the report of a transfer


def photograph_png(image: NDArray[np.float32], heat: NDArray[np.float32] | None = None) -> bytes:
    """An image as a network sees it, pixel by pixel, under what speaks for a class.

    Parameters
    ----------
    image : array, shape (H, W, 3)
        From 0 to 1.
    heat : array, shape (H, W), optional
        From 0 to 1; see `grad_cam`.
    """
    seen = image if heat is None else (1 - _HEAT) * image + _HEAT * _colored(heat, "inferno")
    scale = max(1, round(_SIDE / max(image.shape[:2])))
    return _png(seen.repeat(scale, 0).repeat(scale, 1))


def map_png(values: NDArray[np.float32]) -> bytes:
    """One channel, shape (h, w), from its lowest value (dark) to its highest (light)."""
    low, high = float(values.min()), float(values.max())
    return _png(_colored((values - low) / (high - low) if high > low else np.zeros_like(values), "viridis"))


def _colored(values: NDArray[np.float32], name: str) -> NDArray[np.float32]:
    with needs_extra("plots"):
        from matplotlib import colormaps

    return np.asarray(colormaps[name](values), dtype=np.float32)[..., :3]


def _png(pixels: NDArray[np.float32]) -> bytes:
    return as_png(Image.fromarray((255 * pixels.clip(0, 1)).round().astype(np.uint8)))
