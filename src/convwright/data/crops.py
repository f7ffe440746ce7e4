"""Random crops of any size and shape, brought to one size: the augmentation of photographs.

Source: Szegedy et al. 2015, "Going Deeper with Convolutions", section 6, as torchvision's `RandomResizedCrop` has it.
"""

import math

import torch
from torch import Tensor

from ..extras import needs_extra

_ATTEMPTS = 10
_RATIOS = (3 / 4, 4 / 3)


def crop_numbers(number: int, generator: torch.Generator) -> Tensor:
    """Draw the random numbers of `number` crops, float64 (N, 10, 4): area, shape, y and x of ten attempts."""
    return torch.rand(number, _ATTEMPTS, 4, dtype=torch.float64, generator=generator)


def crop_boxes(numbers: Tensor, height: int, width: int, least: float) -> Tensor:
    """Return boxes in images of one size: int64 (N, 4), top, left, height and width.

    Each has an area from `least` of the image to all of it, and is from 3:4 to 4:3 wide; where ten attempts do not lie
    within the image, it is the largest such box at the center.

    Parameters
    ----------
    numbers : Tensor of float64, shape (N, 10, 4)
        From 0 to 1.
    height, width : int
        Size of the images in pixels.
    least : float
        Share of the area, from 0 to 1.

    >>> crop_boxes(torch.full((1, 10, 4), 0.999), 60, 60, 0.5)[0]  # 4:3 is too wide for all of a square
    tensor([ 0,  0, 60, 60])
    """
    area = height * width * (least + (1 - least) * numbers[..., 0])
    low, high = map(math.log, _RATIOS)
    ratio = (low + (high - low) * numbers[..., 1]).exp()
    heights, widths = (area / ratio).sqrt().round(), (area * ratio).sqrt().round()
    fits = (heights > 0) & (heights <= height) & (widths > 0) & (widths <= width)
    tops = (numbers[..., 2] * (height - heights + 1)).floor()
    lefts = (numbers[..., 3] * (width - widths + 1)).floor()
    attempts = torch.stack([tops, lefts, heights, widths], -1).long()
    first = fits.int().argmax(1)
    boxes = attempts[torch.arange(len(numbers)), first]
    return torch.where(fits.any(1, keepdim=True), boxes, torch.tensor(_central(height, width)))


def cropped(image: Tensor, box: Tensor, height: int, width: int, interpolation: str = "bilinear") -> Tensor:
    """Cut a box from a uint8 image (C, H, W), and resize it with antialiasing to (C, height, width)."""
    with needs_extra("train"):
        from torchvision.transforms.v2 import InterpolationMode, functional

    mode = InterpolationMode(interpolation)
    made: Tensor = functional.resized_crop(
        image, *box.tolist(), size=[height, width], interpolation=mode, antialias=True
    )
    return made


def _central(height: int, width: int) -> tuple[int, int, int, int]:
    low, high = _RATIOS
    if width / height < low:
        box = round(width / low), width
    elif width / height > high:
        box = height, round(height * high)
    else:
        box = height, width
    return (height - box[0]) // 2, (width - box[1]) // 2, *box
