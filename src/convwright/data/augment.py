"""Augmentation of whole batches as tensors: each image in its own random way, without a loop over images."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..errors import ConvwrightError, require_at_least
from . import image_ops as ops
from .trivial_augment import CHANGES, LEVELS, trivial_augment

FLIP = 2  # the column of `Draws.uniform` that says which images are mirrored: those below a half


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """Changes of training images, applied in this order; the default is none.

    Attributes
    ----------
    random_resized_crop : float
        Take a box of at least this share of the image's area, from 3:4 to 4:3 wide, and resize it; 0.08 is usual, 0
        for none (Szegedy et al. 2015, section 6).
    crop_padding : int
        Pixels of reflected border, from which a crop of the image's own size is taken (He et al. 2016, section 4.2,
        with zeros instead).
    flip : bool
        Mirror an image left to right, or not, at random.
    alternate : bool
        With `flip`, draw once for each image and change it every epoch, so that two epochs see both
        (Jordan 2024, "94% on CIFAR-10 in 3.29 seconds on a single GPU").
    trivial_augment : bool
        One random change of random strength (Müller & Hutter 2021).
    color_jitter : float
        Brightness, then contrast, then saturation by random factors from 1 - x to 1 + x.
    cutout : int
        Side in pixels of a square around a random pixel that is set to the mean (DeVries & Taylor 2017, section 3).
    mixup : float
        Mix each image and its target with another one's, by a share from Beta(x, x) for the whole batch (Zhang et al.
        2018).
    cutmix : float
        Instead of mixing, paste a box of the other image, of an area from Beta(x, x) (Yun et al. 2019). Where `mixup`
        is set too, each batch has one of both.

    Raises
    ------
    ConvwrightError
        When a number is negative, or one that is a share above 1.
    """

    random_resized_crop: float = 0.0
    crop_padding: int = 0
    flip: bool = False
    alternate: bool = False
    trivial_augment: bool = False
    color_jitter: float = 0.0
    cutout: int = 0
    mixup: float = 0.0
    cutmix: float = 0.0

    def __post_init__(self) -> None:
        for name in ("random_resized_crop", "crop_padding", "color_jitter", "cutout", "mixup", "cutmix"):
            require_at_least(name, getattr(self, name), 0)
        for name in ("random_resized_crop", "color_jitter"):
            if getattr(self, name) > 1:
                raise ConvwrightError(name, expected="from 0 to 1", got=str(getattr(self, name)))

    @property
    def mixes(self) -> bool:
        """True if targets are shares of classes rather than classes."""
        return self.mixup > 0 or self.cutmix > 0


@dataclass(frozen=True, kw_only=True, eq=False)
class Draws:
    """The random numbers of one batch.

    All numbers are always drawn, so that switching one augmentation on leaves the others as they were. They lie on the
    CPU, so that a seed means the same on every device.

    Attributes
    ----------
    uniform : Tensor of float64, shape (N, 11)
        From 0 to 1, what for: see the functions that read them.
    partner : Tensor of int64, shape (N,)
        For each image the one that it is mixed with: a permutation.
    share : float
        Share of the image itself in the mixture; 1 if nothing is mixed.
    box : tuple of float or None
        Center (y, x) of the pasted box, from 0 to 1; None where images are mixed as a whole.
    """

    uniform: Tensor
    partner: Tensor
    share: float
    box: tuple[float, float] | None

    def take(self, rows: Tensor) -> "Draws":
        """Return the numbers of some of the images."""
        return replace(self, uniform=self.uniform[rows], partner=self.partner[rows])


def draw(augmentation: Augmentation, number: int, generator: torch.Generator) -> Draws:
    """Draw the random numbers for a batch of `number` images."""
    uniform = torch.rand(number, 11, dtype=torch.float64, generator=generator)
    partner = torch.randperm(number, generator=generator)
    seed = int(torch.randint(2**62, (), generator=generator))
    numbers = np.random.default_rng(seed)  # torch has no beta distribution that takes a generator
    coin, y, x = numbers.random(3)
    is_cutmix = augmentation.cutmix > 0 and (augmentation.mixup == 0 or coin < 0.5)
    alpha = augmentation.cutmix if is_cutmix else augmentation.mixup
    share = float(numbers.beta(alpha, alpha)) if alpha else 1.0
    return Draws(uniform=uniform, partner=partner, share=share, box=(float(y), float(x)) if is_cutmix else None)


def changed(images: Tensor, augmentation: Augmentation, draws: Draws) -> Tensor:
    """Move and recolor images: uint8 (N, C, H, W) in and out."""
    uniform = draws.uniform
    if augmentation.crop_padding or augmentation.flip:
        images = _cropped(images, augmentation, uniform[:, :3])
    if augmentation.trivial_augment:
        change, level = _choice(uniform[:, 3], len(CHANGES)), _choice(uniform[:, 4], LEVELS)
        images = trivial_augment(images, change, level, uniform[:, 5] < 0.5)
    if augmentation.color_jitter:
        factors = (1 + augmentation.color_jitter * (2 * uniform[:, 6:9] - 1)).to(images.device, torch.float32)
        for function, factor in zip((ops.brightness, ops.contrast, ops.saturation), factors.unbind(1), strict=True):
            images = function(images, factor)
    return images


def normalized(
    images: Tensor,
    mean: Sequence[float],
    std: Sequence[float],
    *,
    dtype: torch.dtype = torch.float32,
    channels_last: bool = False,
) -> Tensor:
    """Normalize uint8 images: pixels from 0 to 1, minus `mean`, divided by `std` of each channel.

    >>> normalized(torch.full((1, 1, 1, 1), 255, dtype=torch.uint8), [0.5], [0.25]).item()
    2.0
    """
    scale = torch.tensor(std, device=images.device).mul(255).reciprocal().view(-1, 1, 1)
    shift = torch.tensor(mean, device=images.device).div(torch.tensor(std, device=images.device)).view(-1, 1, 1)
    # In this order: the channels are moved last when everything else is done, which halves the time.
    pixels = images.to(torch.float32, copy=True).mul_(scale).sub_(shift).to(dtype)
    return pixels.contiguous(memory_format=torch.channels_last if channels_last else torch.contiguous_format)


def cut_out(images: Tensor, augmentation: Augmentation, draws: Draws) -> Tensor:
    """Set a square of normalized images to zero, which is the mean; changes them in place."""
    if not augmentation.cutout:
        return images
    y, x = (
        _choice(draws.uniform[:, 9 + axis], images.shape[2 + axis]).to(images.device)[:, None]
        - augmentation.cutout // 2
        for axis in range(2)
    )
    rows, columns = (torch.arange(size, device=images.device) for size in images.shape[2:])
    is_row = (rows >= y) & (rows < y + augmentation.cutout)
    is_column = (columns >= x) & (columns < x + augmentation.cutout)
    return images.masked_fill_((is_row[:, :, None] & is_column[:, None, :])[:, None], 0)


def mixed(images: Tensor, partners: Tensor, draws: Draws) -> tuple[Tensor, float]:
    """Mix images with their partners; return them and the share of the image itself.

    Parameters
    ----------
    images, partners : Tensor, shape (N, C, H, W)
        Normalized images; a pasted box changes the first in place.
    draws : Draws
        Random numbers of the batch.
    """
    if draws.box is None:
        return torch.lerp(partners, images, draws.share), draws.share
    bounds = []
    for center, size in zip(draws.box, images.shape[2:], strict=True):
        side = int(size * (1 - draws.share) ** 0.5)
        start = int(center * size) - side // 2
        bounds.append((max(start, 0), min(start + side, size)))
    (top, bottom), (left, right) = bounds
    images[:, :, top:bottom, left:right] = partners[:, :, top:bottom, left:right]
    return images, 1 - (bottom - top) * (right - left) / (images.shape[2] * images.shape[3])


def mixed_targets(labels: Tensor, partners: Tensor, share: float, num_classes: int) -> Tensor:
    """Return the shares of classes, (N, num_classes), of images mixed with their partners.

    >>> mixed_targets(torch.tensor([0]), torch.tensor([2]), 0.75, 3)
    tensor([[0.7500, 0.0000, 0.2500]])
    """
    own, other = (F.one_hot(each, num_classes).float() for each in (labels, partners))
    return share * own + (1 - share) * other


def _cropped(images: Tensor, augmentation: Augmentation, uniform: Tensor) -> Tensor:
    """Random crops of reflected images, and flips, in one pass over the pixels."""
    height, width = images.shape[2:]
    padding = augmentation.crop_padding
    if padding >= min(height, width):
        raise ConvwrightError(
            "crop_padding", expected=f"below the size of the images, {min(height, width)}", got=str(padding)
        )
    shift = (_choice(uniform[:, :2], 2 * padding + 1) - padding).to(images.device)
    rows = _reflected(torch.arange(height, device=images.device) + shift[:, :1], height)
    columns = _reflected(torch.arange(width, device=images.device) + shift[:, 1:], width)
    if augmentation.flip:
        is_flipped = (uniform[:, FLIP, None] < 0.5).to(images.device)
        columns = torch.where(is_flipped, columns.flip(1), columns)
    return ops.picked(images, rows[:, :, None] * width + columns[:, None, :])


def _reflected(index: Tensor, size: int) -> Tensor:
    """Mirror indices beyond the border at its pixels: -1 becomes 1."""
    index = index.abs()
    return torch.where(index < size, index, 2 * (size - 1) - index)


def _choice(uniform: Tensor, number: int) -> Tensor:
    """Return one of `number` equally likely integers; rounding cannot lead beyond the last."""
    return (uniform * number).long().clamp(max=number - 1)
