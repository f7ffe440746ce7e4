"""Networks of torchvision and timm, with fresh weights or with the library's own."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from torch import nn

from ..errors import ConvwrightError, unknown
from ..extras import needs_extra
from ..models.weights import hub_preprocessing, torchvision_entry, torchvision_preprocessing
from .factories import call_factory
from .inputs.containers import forward_parameters
from .inputs.declared import USUAL_INPUT, declared_input
from .inputs.network_input import NetworkInput, positional_names
from .name import NetworkName
from .network import Network


def open_torchvision(name: NetworkName) -> Network:
    """Build a network of torchvision; with `weights` of "torchvision[:ENUM]", load them.

    Raises
    ------
    ConvwrightError
        When there is no such network, it cannot be built, or its weights cannot be had.
    """
    with needs_extra("pretrained"):
        import torchvision

    names = torchvision.models.list_models()
    if name.factory not in names:
        raise unknown("torchvision model", name.factory, names)
    published = next(iter(torchvision.models.get_model_weights(name.factory)), None)
    builder = torchvision.models.get_model_builder(name.factory)
    arguments: dict[str, Any] = {"weights": None}
    if "weights_backbone" in inspect.signature(builder).parameters:
        arguments["weights_backbone"] = None
    if name.factory in ("googlenet", "inception_v3"):  # random weights take minutes to draw unless told not to
        arguments["init_weights"] = False
    arguments |= name.arguments
    library, _, choice = name.weights.partition(":")
    entry = torchvision_entry(name.factory, choice or "DEFAULT") if library == "torchvision" else None
    module = _build(builder, arguments | ({"weights": entry} if entry else {}), name.text)
    # A transformer takes the size it was built for, whatever images its weights were trained on.
    crop_px = getattr(published.transforms(), "crop_size", [224])[0] if published else 224
    side_px = getattr(module, "image_size", crop_px)
    frames = (16,) if builder.__module__.startswith("torchvision.models.video") else ()
    shape = declared_input(module) or (1, 3, *frames, side_px, side_px)
    return Network(
        module=module,
        label=name.text,
        given=(NetworkInput(shape=shape),) * max(_num_needed(module), 1),  # networks of optical flow take two pictures
        preprocessing=torchvision_preprocessing(entry) if entry else None,
    )


def open_timm(name: NetworkName) -> Network:
    """Build a network of timm, whose name may end on a tag; with `weights` of "timm", load them.

    Raises
    ------
    ConvwrightError
        When timm is missing, there is no such network, it cannot be built, or its weights cannot be had.
    """
    try:
        import timm
    except ImportError:
        raise ConvwrightError(name.text, expected="timm to be installed", hint="pip install timm") from None
    names = timm.list_models()
    if name.factory.partition(".")[0] not in names:
        raise unknown("timm model", name.factory, names)
    has_weights = name.weights.partition(":")[0] == "timm"
    arguments = {"model_name": name.factory, "pretrained": False, **name.arguments}
    module = _build(timm.create_model, arguments | ({"pretrained": True} if has_weights else {}), name.text)
    size = getattr(module, "default_cfg", {}).get("input_size", USUAL_INPUT[1:])
    return Network(
        module=module,
        label=name.text,
        given=(NetworkInput(shape=declared_input(module) or (1, *size)),),
        preprocessing=hub_preprocessing(module.pretrained_cfg) if has_weights else None,  # type: ignore[arg-type]
    )


def _num_needed(module: nn.Module) -> int:
    """Count the arguments that forward cannot do without."""
    return sum(
        each.default is each.empty for each in forward_parameters(module) if each.name in positional_names(module)
    )


def _build(factory: Callable[..., Any], arguments: Mapping[str, Any], label: str) -> nn.Module:
    try:
        return call_factory(factory, arguments, label)
    except ConvwrightError as error:
        if not isinstance(error.__cause__, OSError):
            raise
        raise ConvwrightError(
            f"the weights of {label} could not be downloaded ({type(error.__cause__).__name__})",
            hint="check the network, or fetch the file elsewhere and pass its path as weights",
        ) from error
