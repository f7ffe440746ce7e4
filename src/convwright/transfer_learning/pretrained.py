"""A backbone by the name of its network and of its weights."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from ..errors import ConvwrightError
from ..graph import Target, load_target
from ..models import Preprocessing, build, model_names
from ..models.state_file import fit, read_state
from ..models.weights import hub_preprocessing, torchvision_entry, torchvision_preprocessing
from .backbone import Backbone, Origin, backbone_of


def load_backbone(text: str, *, weights: str | None = None, arguments: Mapping[str, Any] | None = None) -> Backbone:
    """The network that `text` names, with weights.

    Parameters
    ----------
    text : str
        A zoo name, `torchvision:NAME`, `timm:NAME`, `path/to/file.py:factory` or `package.module:factory`.
    weights : str, optional
        For the zoo what `build` takes. Else the path of a file; `torchvision`, or `torchvision:ENUM`, for one of its
        networks; `timm` for one of its networks, whose name may end on a tag. Fresh weights when left out.
    arguments : mapping, optional
        For the factory; see `load_target`.

    Raises
    ------
    ConvwrightError
        When there is no such network, its weights cannot be had or do not fit, or it has no classifier that can be
        exchanged.

    Examples
    --------
    >>> backbone = load_backbone("efficientnet_lite0", weights="package")
    >>> backbone.num_features, backbone.preprocessing.crop_px
    (1280, 224)
    """
    arguments = dict(arguments or {})
    origin = Origin(model=text, arguments=arguments, weights=weights or "")
    return replace(_loaded(text, weights, arguments), origin=origin)


def fresh_like(backbone: Backbone, seed: int) -> Backbone:
    """The same network with the first weights of a seed, for images prepared alike.

    Raises
    ------
    ConvwrightError
        For a backbone that was not loaded by a name.
    """
    origin = backbone.origin
    if origin is None:
        raise ConvwrightError(
            "the network from scratch", expected="a backbone made by load_backbone", got="a module with weights",
            hint="name the network, or leave the strategy scratch out",
        )  # fmt: skip
    seeded = partial(build, seed=seed)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        target = load_target(origin.model, arguments=origin.arguments, zoo=seeded, zoo_names=model_names())
    return replace(_backbone(target, backbone.preprocessing), origin=replace(origin, weights=""))


def _loaded(text: str, weights: str | None, arguments: Mapping[str, Any]) -> Backbone:
    source, _, name = text.rpartition(":")
    kind, _, choice = (weights or "").partition(":")
    if not source:
        return _backbone(_target(text, arguments, weights))
    if source == kind == "torchvision":
        entry = torchvision_entry(name, choice or "DEFAULT")
        return _backbone(_downloaded(text, {**arguments, "weights": entry}), torchvision_preprocessing(entry))
    if source == kind == "timm":
        target = _downloaded(text, {**arguments, "pretrained": True})
        return _backbone(target, hub_preprocessing(target.model.pretrained_cfg))  # type: ignore[arg-type]
    target = _target(text, arguments)
    if weights is not None:
        path = Path(weights).expanduser()
        if not path.is_file():
            own = f"{source}, or " if source in ("torchvision", "timm") else ""
            raise ConvwrightError(f"weights {weights!r} of {text}", expected=f"{own}the path of a file that exists")
        target.model.load_state_dict(fit(read_state(path), target.model, {}, origin=str(path)))
    return _backbone(target)


def _target(text: str, arguments: Mapping[str, Any], weights: str | None = None) -> Target:
    return load_target(text, arguments=arguments, zoo=partial(build, weights=weights), zoo_names=model_names())


def _downloaded(text: str, arguments: Mapping[str, Any]) -> Target:
    try:
        return _target(text, arguments)
    except ConvwrightError as error:
        if not isinstance(error.__cause__, OSError):
            raise
        raise ConvwrightError(
            f"the weights of {text} could not be downloaded ({type(error.__cause__).__name__})",
            hint="check the network, or fetch the file elsewhere and pass its path as weights",
        ) from error


def _backbone(target: Target, preprocessing: Preprocessing | None = None) -> Backbone:
    _, *shape = target.default_input
    if len(shape) != 3:
        raise ConvwrightError(target.label, expected="a network of images", got=f"one of inputs {tuple(shape)}")
    channels, height, width = shape
    return backbone_of(target.model, image_shape=(channels, height, width), preprocessing=preprocessing)
