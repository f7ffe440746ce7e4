"""TrivialAugment: one random change of random strength for each image, with nothing to tune.

Source: Müller & Hutter 2021, TrivialAugment: Tuning-free Yet State-of-the-Art Data Augmentation, section 3 and table 1
(the wide space), in the 31 strengths and with the conventions of torchvision's `TrivialAugmentWide`.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from . import image_ops as ops

LEVELS = 31

_SHEAR = torch.linspace(0, 0.99, LEVELS)
_SHIFT = torch.linspace(0, 32, LEVELS)
_ROTATION = torch.linspace(0, 135, LEVELS)
_FACTOR = torch.linspace(0, 0.99, LEVELS)
_BITS = 8 - (torch.arange(LEVELS) / ((LEVELS - 1) / 6)).round()
_THRESHOLD = torch.linspace(255, 0, LEVELS)
_NOTHING = torch.zeros(LEVELS)


Change = Callable[[Tensor, Tensor], Tensor]  # uint8 images (N, C, H, W), strengths (N,) -> images


def _geometric(matrix: Callable[[Tensor, tuple[int, int]], tuple[Tensor | float, ...]]) -> Change:
    """The change that moves pixels by a matrix, given as six numbers or tensors (N,) for strengths and (H, W)."""

    def move(images: Tensor, strength: Tensor) -> Tensor:
        values = [torch.zeros_like(strength) + value for value in matrix(strength, (images.shape[2], images.shape[3]))]
        return ops.affine(images, torch.stack(values, 1).view(-1, 2, 3))

    return move


# Shears hold the upper left corner still, which is half a pixel from the first pixel's center.
_shear_x = _geometric(lambda s, size: (1, s, s * size[0] / 2, 0, 1, 0))
_shear_y = _geometric(lambda s, size: (1, 0, 0, s, 1, s * size[1] / 2))
_translate_x = _geometric(lambda s, _: (1, 0, -s.trunc(), 0, 1, 0))
_translate_y = _geometric(lambda s, _: (1, 0, 0, 0, 1, -s.trunc()))
_rotate = _geometric(lambda s, _: (s.deg2rad().cos(), -s.deg2rad().sin(), 0, s.deg2rad().sin(), s.deg2rad().cos(), 0))

# What is done, its strengths from weakest to strongest, and whether a strength may be negative.
CHANGES: dict[str, tuple[Change, Tensor, bool]] = {
    "identity": (lambda images, _: images, _NOTHING, False),
    "shear_x": (_shear_x, _SHEAR, True),
    "shear_y": (_shear_y, _SHEAR, True),
    "translate_x": (_translate_x, _SHIFT, True),
    "translate_y": (_translate_y, _SHIFT, True),
    "rotate": (_rotate, _ROTATION, True),
    "brightness": (lambda images, s: ops.brightness(images, 1 + s), _FACTOR, True),
    "saturation": (lambda images, s: ops.saturation(images, 1 + s), _FACTOR, True),
    "contrast": (lambda images, s: ops.contrast(images, 1 + s), _FACTOR, True),
    "sharpness": (lambda images, s: ops.sharpness(images, 1 + s), _FACTOR, True),
    "posterize": (ops.posterize, _BITS, False),
    "solarize": (ops.solarize, _THRESHOLD, False),
    "autocontrast": (lambda images, _: ops.autocontrast(images), _NOTHING, False),
    "equalize": (lambda images, _: ops.equalize(images), _NOTHING, False),
}


def trivial_augment(images: Tensor, change: Tensor, level: Tensor, is_negative: Tensor) -> Tensor:
    """Each image changed in its own way; those of one change are done together.

    Parameters
    ----------
    images : Tensor of uint8, shape (N, C, H, W)
        Images, on any device.
    change : Tensor of int64, shape (N,)
        Index into `CHANGES`, on the CPU like the other two.
    level : Tensor of int64, shape (N,)
        Strength, from 0 to 30.
    is_negative : Tensor of bool, shape (N,)
        True to negate the strength, for changes that have two directions.

    Returns
    -------
    Tensor of uint8, shape (N, C, H, W)
        New images.
    """
    changed = images.clone()
    for number, (function, strengths, is_signed) in enumerate(CHANGES.values()):
        chosen = (change == number).nonzero().flatten()
        if not len(chosen):
            continue
        strength = strengths[level[chosen]]
        if is_signed:
            strength = torch.where(is_negative[chosen], -strength, strength)
        rows = chosen.to(images.device)
        changed[rows] = function(images[rows], strength.to(images.device))
    return changed
