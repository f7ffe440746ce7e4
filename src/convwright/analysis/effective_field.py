"""The effective receptive field: which input pixels really move one output position.

The gradient of one position of a map with respect to the image, over images. It is smaller than the receptive field,
which only says what could.

Source: Luo et al. 2016, "Understanding the Effective Receptive Field in Deep Convolutional Neural Networks",
sections 2.1 (definition) and 3 (Gaussian shape, size growing with the square root of depth).
"""

from dataclasses import dataclass, field
from math import sqrt
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from convwright.errors import ConvwrightError, require_at_least

from .last_map import hooked, last_map_module, undisturbed

Floats = NDArray[np.float64]

_IMAGES_AT_A_TIME = 8


@dataclass(frozen=True, kw_only=True, eq=False)
class EffectiveField:
    """Strength with which each input pixel moves one output position.

    Attributes
    ----------
    layer : str
        Path of the module whose output was asked.
    position : tuple of int
        Which position of its map.
    gradient : array of float
        Absolute gradient of that position's channels, added up, with respect to each pixel; summed over input
        channels, averaged over images. One axis per image axis.
    num_images : int
        Images averaged over.
    mass : float
        Share of the gradient that counts for `area_px` and `size_px`.
    """

    layer: str
    position: tuple[int, ...]
    gradient: Floats = field(repr=False)
    num_images: int
    mass: float

    @property
    def area_px(self) -> int:
        """The smallest number of pixels that hold `mass` of the gradient; 0 when there is no gradient."""
        shares = np.sort(self.gradient, axis=None)[::-1].cumsum()
        return int(np.searchsorted(shares, self.mass * shares[-1] * (1 - 1e-12))) + 1 if shares[-1] > 0 else 0

    @property
    def size_px(self) -> float:
        """Side of the square (cube, segment) of `area_px` pixels."""
        return sqrt(self.area_px) if self.gradient.ndim == 2 else float(self.area_px ** (1 / self.gradient.ndim))

    def to_dict(self) -> dict[str, Any]:
        """Everything but the picture, whose size is told."""
        return {
            "layer": self.layer,
            "position": list(self.position),
            "image_px": list(self.gradient.shape),
            "num_images": self.num_images,
            "mass": self.mass,
            "area_px": self.area_px,
            "size_px": self.size_px,
        }


def effective_field(
    model: nn.Module,
    images: Tensor | tuple[int, ...],
    *,
    layer: str | None = None,
    position: tuple[int, ...] | None = None,
    mass: float = 0.95,
    seed: int = 0,
) -> EffectiveField:
    """The gradient of one position of a map with respect to the image, in eval mode; the model is left as it was.

    Parameters
    ----------
    model : nn.Module
        With weights: not on the meta device.
    images : Tensor or shape
        Real images (N, C, H, W), or the shape of standard normal ones; both also 1-D and 3-D.
    layer : str, optional
        Path of the module whose output to ask (its last call); by default the one that gives the last map.
    position : tuple of int, optional
        Which position of the map; by default the middle.
    mass : float
        Share of the gradient that `area_px` and `size_px` hold.
    seed : int
        Of the random images.

    Raises
    ------
    ConvwrightError
        When there is no such layer or position, or no map.

    Examples
    --------
    >>> field = effective_field(nn.Conv2d(3, 8, 5, padding=2), (2, 3, 32, 32), mass=1)
    >>> field.area_px, field.size_px
    (25, 5.0)
    """
    require_at_least("mass", 1, mass)
    weight = next(model.parameters(), torch.zeros(0))
    if weight.is_meta:
        raise ConvwrightError("effective_field", expected="a model with weights", got="one on the meta device")
    if not isinstance(images, Tensor):
        images = torch.randn(images, generator=torch.Generator().manual_seed(seed))
    images = images.detach().to(weight.device, weight.dtype)
    with undisturbed(model):
        path = last_map_module(model, tuple(images.shape)) if layer is None else layer
        total, place = _gradient(model, images, path, position)
    return EffectiveField(layer=path, position=place, gradient=total / len(images), num_images=len(images), mass=mass)


def _gradient(
    model: nn.Module, images: Tensor, path: str, position: tuple[int, ...] | None
) -> tuple[Floats, tuple[int, ...]]:
    kept: list[Tensor] = []
    total = np.zeros(images.shape[2:])
    with hooked(model, path, lambda _module, _args, output: kept.append(output)):
        for chunk in torch.split(images, _IMAGES_AT_A_TIME):
            chunk = chunk.clone().requires_grad_()
            model(chunk)
            place = _position(kept[-1] if kept else None, path, position)
            index: tuple[Any, ...] = (..., *place)
            (gradient,) = torch.autograd.grad(kept[-1][index].sum(), chunk)
            total += gradient.abs().sum((0, 1)).double().cpu().numpy()
            kept.clear()
    return total, place


def _position(output: Any, path: str, position: tuple[int, ...] | None) -> tuple[int, ...]:
    if not isinstance(output, Tensor) or output.ndim < 3:
        got = f"{type(output).__name__}" if not isinstance(output, Tensor) else f"shape {tuple(output.shape)}"
        raise ConvwrightError(f"layer {path!r}", expected="a map as its output", got=got)
    sizes = tuple(output.shape[2:])
    place = tuple(size // 2 for size in sizes) if position is None else position
    if len(place) != len(sizes) or not all(-size <= at < size for at, size in zip(place, sizes, strict=True)):
        raise ConvwrightError(f"layer {path!r}", expected=f"a position inside {sizes}", got=str(place))
    return place
