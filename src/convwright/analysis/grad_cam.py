"""Grad-CAM: where in an image a class was seen.

Source: Selvaraju et al. 2017, "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization",
section 3, equations 1 and 2.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from convwright.errors import ConvwrightError

from .last_map import as_map, hooked, last_map_module, undisturbed

_IMAGES_AT_A_TIME = 32


def grad_cam(
    model: nn.Module, images: Tensor, *, layer: str | None = None, classes: Tensor | Sequence[int] | None = None
) -> Tensor:
    """Measure how much each pixel's surroundings speak for a class, in eval mode; the model is left as it was.

    The channels of a map are added up, each weighted by the mean gradient of the class's logit over the positions of
    that channel; what speaks against the class is cut off, the rest resized to the image.

    Parameters
    ----------
    model : nn.Module
        A classifier with weights: logits of shape (N, number of classes).
    images : Tensor of float
        As the model takes them.
    layer : str, optional
        Path of the module whose output is the map (its last call); by default the one that gives the last map.
    classes : Tensor of int64 or sequence of int, optional
        One for each image; by default the one that the model sees in it.

    Shape: images (N, C, H, W) -> (N, H, W), from 0 to 1, the largest value of each image 1; all 0 where nothing speaks
    for the class.

    Raises
    ------
    ConvwrightError
        When there is no such layer or class, no map, or the model is no classifier.

    Examples
    --------
    >>> net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 2))
    >>> grad_cam(net, torch.randn(5, 3, 16, 16)).shape
    torch.Size([5, 16, 16])
    """
    weight = next(model.parameters(), torch.zeros(0))
    if weight.is_meta:
        raise ConvwrightError("grad_cam", expected="a model with weights", got="one on the meta device")
    if images.ndim != 4 or not len(images):
        raise ConvwrightError("images", expected="shape (N, C, H, W)", got=str(tuple(images.shape)))
    if classes is not None and len(classes) != len(images):
        raise ConvwrightError("classes", expected=f"one for each of {len(images)} images", got=str(len(classes)))
    images = images.detach().to(weight.device, weight.dtype)
    wanted = None if classes is None else torch.as_tensor(classes, dtype=torch.int64, device=weight.device)
    with undisturbed(model):
        path = last_map_module(model, tuple(images.shape)) if layer is None else layer
        chunks = torch.split(images, _IMAGES_AT_A_TIME)
        wanted_of = [None] * len(chunks) if wanted is None else torch.split(wanted, _IMAGES_AT_A_TIME)
        cams = [_cam(model, chunk, path, wanted) for chunk, wanted in zip(chunks, wanted_of, strict=True)]
    seen = F.interpolate(torch.cat(cams)[:, None].float(), images.shape[2:], mode="bilinear")[:, 0]
    largest = seen.amax((1, 2), keepdim=True)
    return seen / torch.where(largest > 0, largest, 1)


def _cam(model: nn.Module, images: Tensor, path: str, classes: Tensor | None) -> Tensor:
    """Equation 2 on the positions of the map: (N, h, w)."""
    logits, features = _from_map_on(model, images, path)
    if logits.ndim != 2 or len(logits) != len(images):
        raise ConvwrightError("output of the network", expected="logits (N, classes)", got=f"{tuple(logits.shape)}")
    if classes is None:
        classes = logits.argmax(1)
    elif not ((classes >= 0) & (classes < logits.shape[1])).all():
        raise ConvwrightError("classes", expected=f"from 0 to {logits.shape[1] - 1}", got=str(classes.tolist()))
    score = logits.gather(1, classes[:, None]).sum()
    (gradient,) = torch.autograd.grad(score, features, materialize_grads=True)
    importance = gradient.mean((2, 3), keepdim=True)
    return (importance * features).sum(1).relu().detach()


def _from_map_on(model: nn.Module, images: Tensor, path: str) -> tuple[Tensor, Tensor]:
    """The logits, and the map that the module at `path` gave, from which on gradients are kept."""
    kept: list[Tensor] = []

    def keep(_module: nn.Module, _inputs: object, output: object) -> Tensor:
        kept.append(as_map(output, path).detach().requires_grad_())
        return kept[-1].clone()  # what follows may change it in place

    with hooked(model, path, keep):
        logits = model(images)
    if not kept:
        raise ConvwrightError(f"layer {path!r}", expected="a module that runs", got="one that is not called")
    if not isinstance(logits, Tensor):
        raise ConvwrightError("output of the network", expected="logits (N, classes)", got=type(logits).__name__)
    return logits, kept[-1]
