"""A backbone by the name of its network and of its weights."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..errors import ConvwrightError
from ..extras import require_extra
from ..models import Preprocessing
from ..networks import Network, NetworkName, open_network
from ..networks.inputs.network_input import written
from .backbone import Backbone, backbone_of


def load_backbone(
    text: str,
    *,
    weights: str | None = None,
    arguments: Mapping[str, Any] | None = None,
    run_all: bool = False,
) -> Backbone:
    """Open the network that `text` names, with weights.

    Parameters
    ----------
    text : str
        A zoo name, `torchvision:NAME`, `timm:NAME`, `path/to/file.py:factory` or `package.module:factory`.
    weights : str, optional
        For the zoo what `build` takes. Else the path of a file; `torchvision`, or `torchvision:ENUM`, for one of its
        networks; `timm` for one of its networks, whose name may end on a tag. Fresh weights when left out.
    arguments : mapping, optional
        Keyword arguments for the factory.
    run_all : bool
        True runs all of the network's file, as Python would; else only what defines something.

    Raises
    ------
    ConvwrightError
        When there is no such network, its weights cannot be had or do not fit, it has no classifier that can be
        exchanged, or a library of the extra `transfer` is missing.

    Examples
    --------
    >>> backbone = load_backbone("efficientnet_lite0", weights="package")
    >>> backbone.num_features, backbone.preprocessing.crop_px
    (1280, 224)
    """
    require_extra("transfer")
    name = NetworkName(text=text, arguments=dict(arguments or {}), weights=weights or "", run_all=run_all)
    network = open_network(name)
    return replace(_backbone(network, network.preprocessing), name=name, notes=network.not_done)


def fresh_like(backbone: Backbone, seed: int) -> Backbone:
    """Build the same network with the first weights of a seed, for images prepared alike.

    Raises
    ------
    ConvwrightError
        For a backbone that was not loaded by a name.
    """
    if backbone.name is None:
        raise ConvwrightError(
            "the network from scratch",
            expected="a backbone made by load_backbone",
            got="a module with weights",
            hint="name the network, or leave the strategy scratch out",
        )
    name = replace(backbone.name, weights="")
    return replace(_backbone(open_network(name, seed=seed), backbone.preprocessing), name=name)


def _backbone(network: Network, preprocessing: Preprocessing | None) -> Backbone:
    _, *shape = network.inputs[0].shape
    if len(network.inputs) > 1 or len(shape) != 3:
        raise ConvwrightError(
            network.label, expected="a network of images", got=f"one with an input of {written(network.inputs)}"
        )
    channels, height, width = shape
    return backbone_of(network.module, image_shape=(channels, height, width), preprocessing=preprocessing)
