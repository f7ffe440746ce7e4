"""Preprocessing of an image for a set of weights: the transform belongs to the weights."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageOps
from torch import Tensor

from .errors import require_at_least, require_choice
from .extras import needs_extra

INTERPOLATIONS = ("bilinear", "bicubic", "nearest")

GRAY_MODES = {"1", "L", "LA", "La"}


@dataclass(frozen=True, kw_only=True)
class Preprocessing:
    """Resize the shorter side, crop the center, scale to 0..1, normalize; see `upright` for what comes before.

    Attributes
    ----------
    resize_px, crop_px : int
        Shorter side after resizing; side of the square that is cut from the center.
    mean, std : tuple of float
        Mean and standard deviation of each channel, for pixel values from 0 to 1.
    interpolation : {"bilinear", "bicubic", "nearest"}
        Interpolation of the resizing, which is antialiased.

    Examples
    --------
    >>> Preprocessing(resize_px=256, crop_px=224)(Image.new("L", (640, 480))).shape
    torch.Size([3, 224, 224])
    """

    resize_px: int
    crop_px: int
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)
    interpolation: str = "bilinear"

    def __post_init__(self) -> None:
        require_at_least("crop_px", self.crop_px, 1)
        require_at_least("resize_px", self.resize_px, self.crop_px)
        require_choice("interpolation", self.interpolation, INTERPOLATIONS)

    def __call__(self, image: Image.Image) -> Tensor:
        """Return a normalized tensor (3, crop_px, crop_px) for an image of any size and mode."""
        with needs_extra("train"):
            from torchvision.transforms.v2 import functional  # here, so that building a model does not wait for it

        pixels = functional.to_dtype(torch.tensor(self.pixels(image)), torch.float32, scale=True)
        return functional.normalize(pixels, self.mean, self.std)  # type: ignore[no-any-return]

    def pixels(self, image: Image.Image) -> NDArray[np.uint8]:
        """Return the pixels before normalization: (3, crop_px, crop_px).

        Raises
        ------
        ValueError
            If the range of the image's pixels is unknown.
        """
        with needs_extra("train"):
            from torchvision.transforms.v2 import InterpolationMode, functional

        mode = InterpolationMode(self.interpolation)
        resized = functional.resize(upright(image).convert("RGB"), [self.resize_px], interpolation=mode)
        return np.moveaxis(np.asarray(functional.center_crop(resized, [self.crop_px, self.crop_px])), 2, 0)

    @property
    def geometry(self) -> tuple[int, int, str]:
        """Values that the pixels depend on."""
        return self.resize_px, self.crop_px, self.interpolation

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values."""
        return asdict(self)


def upright(image: Image.Image) -> Image.Image:
    """Return an image as a viewer shows it: in mode L or RGB, rotated as its EXIF data say, transparency on white.

    Values of 16 bits are scaled to 8.

    Raises
    ------
    ValueError
        If the pixels are floating-point numbers, or integers outside 16 bits.

    Examples
    --------
    >>> upright(Image.new("RGBA", (1, 1), (200, 0, 0, 0))).getpixel((0, 0))
    (255, 255, 255)
    """
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):
        return _from_16_bits(image)
    if image.mode == "F":
        raise ValueError("floating-point pixels, whose range is unknown")
    if image.has_transparency_data:
        gray = image.mode in GRAY_MODES
        seen = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen).convert("L" if gray else "RGB")
    return image.convert("L" if image.mode in {"1", "L"} else "RGB")


def _from_16_bits(image: Image.Image) -> Image.Image:
    values = np.asarray(image).astype(np.int64)
    if values.min() < 0 or values.max() > 65535:
        raise ValueError(f"values from {values.min()} to {values.max()}, which 16 bits do not hold")
    return Image.fromarray(np.rint(values / 257).astype(np.uint8))
