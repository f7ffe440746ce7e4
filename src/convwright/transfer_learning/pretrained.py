"""A backbone by the name of its network and of its weights."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from ..errors import ConvwrightError
from ..graph import Target, load_target
from ..models import Preprocessing, build, model_names
from ..models.state_file import fit, read_state
from ..models.weights import hub_preprocessing, torchvision_entry, torchvision_preprocessing
from .backbone import Backbone, backbone_of


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
    source, _, name = text.rpartition(":")
    kind, _, choice = (weights or "").partition(":")
    arguments = dict(arguments or {})
    if not source:
        return _backbone(_target(text, arguments, weights))
    if source == kind == "torchvision":
        entry = torchvision_entry(name, choice or "DEFAULT")
        return _backbone(_downloaded(text, arguments | {"weights": entry}), torchvision_preprocessing(entry))
    if source == kind == "timm":
        target = _downloaded(text, arguments | {"pretrained": True})
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
