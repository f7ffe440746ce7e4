"""Files of a shipped network: `model.safetensors`, and `model.json`, which describes it."""

import copy
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ..errors import ConvwrightError
from ..files import read_text, write
from ..models import ConvNet, Preprocessing
from ..models.state_file import read_state
from ..networks import NetworkName, open_network, seeded
from ..networks.name import LIBRARIES
from ..training.checkpoint import write_weights
from ..training.evaluate import checked
from .parity import Parity

SCHEMA = 1
CARD, WEIGHTS = "model.json", "model.safetensors"
_DAMAGE = (OSError, ValueError, AttributeError, KeyError, TypeError)  # of JSON that is cut off, or is of something else


@dataclass(frozen=True, kw_only=True)
class ModelCard:
    """Facts that are needed to use a set of weights.

    Attributes
    ----------
    model, arguments
        Network as on a command line: MODEL and its `--arg`.
    run_all : bool
        True to run all of the network's file, as Python would; else only what defines something.
    class_names : tuple of str
        Names of the classes in the order of the logits.
    preprocessing : Preprocessing
        Preparation of an image.
    weights : str
        Weights that training started from: "package", "torchvision", a file, ...; "" from scratch.
    data : str
        Name or path of what it was trained on; "" if that cannot be said.
    versions : mapping of str to str
        Versions of convwright, torch and the library of the model, when the card was made.

    Raises
    ------
    ConvwrightError
        For no class, two of one name, or arguments that cannot be written.

    Examples
    --------
    >>> preprocessing = Preprocessing(resize_px=256, crop_px=224)
    >>> card = ModelCard(model="timm:resnet18", class_names=("ant", "bee"), preprocessing=preprocessing)
    >>> list(card.versions)
    ['convwright', 'torch', 'timm']
    """

    model: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    run_all: bool = False
    class_names: tuple[str, ...]
    preprocessing: Preprocessing
    weights: str = ""
    data: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(set(self.class_names)) != max(len(self.class_names), 1):
            names = ", ".join(self.class_names) or "none"
            raise ConvwrightError("class_names", expected="at least one, all different", got=names)
        try:
            json.dumps(dict(self.arguments))
        except TypeError as error:
            raise ConvwrightError("arguments", expected="what JSON can hold", got=repr(dict(self.arguments))) from error
        if not self.versions:
            object.__setattr__(self, "versions", _versions(self.model))

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain values."""
        return {
            "model": self.model,
            "arguments": dict(self.arguments),
            "run_all": self.run_all,
            "class_names": list(self.class_names),
            "preprocessing": self.preprocessing.to_dict(),
            "weights": self.weights,
            "data": self.data,
            "versions": dict(self.versions),
        }


def write_artifact(folder: Path, model: nn.Module, card: ModelCard) -> None:
    """Write a model and its card, after a proof that the one can be built from the other.

    Weights come first and the card, with their checksum, last. Killed in between, this leaves a folder that
    `read_artifact` refuses, never one that mixes two models.

    Raises
    ------
    ConvwrightError
        When the card describes another model or its classes are not the model's, or the folder cannot be written.
    """
    own = copy.deepcopy(model).cpu().float().eval()
    images = torch.rand(2, 3, *[card.preprocessing.crop_px] * 2, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        expected = checked(own(images), len(card.class_names))
        parity = Parity.of(expected, _rebuilt(card, own.state_dict(), "the model")(images))
    if not parity.is_close:
        raise ConvwrightError(
            f"{card.model} of the card computes something else than the model",
            got=f"logits {parity.max_difference:.2g} apart",
            hint="was the model changed after it was built?",
        )
    write_weights(folder / WEIGHTS, own)
    written = {"schema": SCHEMA, **card.to_dict(), "sha256": _digest(folder / WEIGHTS)}
    write(folder / CARD, json.dumps(written, indent=1) + "\n")
    # safetensors lets nobody but the owner read what it writes; this is for others, as far as the user's umask goes.
    (folder / WEIGHTS).chmod((folder / CARD).stat().st_mode)


def read_artifact(folder: Path) -> tuple[nn.Module, ModelCard]:
    """The model in eval mode, with its weights, and its card.

    Raises
    ------
    ConvwrightError
        When there is none, it is damaged, or it does not fit together.
    """
    card, digest = _read_card(folder / CARD)
    weights = folder / WEIGHTS
    if not weights.is_file():
        raise ConvwrightError(f"{folder} has no {WEIGHTS}", hint=f"{CARD} and {WEIGHTS} belong together")
    if _digest(weights) != digest:
        raise ConvwrightError(f"{weights} is not what {CARD} was written for, or is damaged: its checksum differs")
    model = _rebuilt(card, read_state(weights), str(weights))
    with torch.inference_mode():
        checked(model(torch.zeros(1, 3, *[card.preprocessing.crop_px] * 2)), len(card.class_names))
    return model, card


def _read_card(path: Path) -> tuple[ModelCard, str]:
    """The card, and the checksum of its weights."""
    try:
        fields = json.loads(read_text(path))
        schema = fields.pop("schema")
    except FileNotFoundError as error:
        raise ConvwrightError(f"{path.parent} holds no model", expected=f"a folder with {CARD}") from error
    except _DAMAGE as error:
        raise _damaged(path, error) from error
    if schema != SCHEMA:
        hint = "a newer convwright may read it"
        raise ConvwrightError(f"schema of {path}", expected=str(SCHEMA), got=repr(schema), hint=hint)
    try:
        return _card_of(fields), str(fields["sha256"])
    except _DAMAGE as error:
        raise _damaged(path, error) from error


def _card_of(fields: Mapping[str, Any]) -> ModelCard:
    pixels = dict(fields["preprocessing"])
    mean, std = (tuple(map(float, pixels.pop(name))) for name in ("mean", "std"))
    if not len(mean) == len(std) == 3:
        raise ValueError("mean and std are of three channels")
    return ModelCard(
        model=str(fields["model"]),
        arguments=dict(fields["arguments"]),
        run_all=bool(fields.get("run_all", False)),  # unknown to earlier versions
        class_names=tuple(map(str, fields["class_names"])),
        preprocessing=Preprocessing(mean=mean, std=std, **pixels),
        weights=str(fields["weights"]),
        data=str(fields["data"]),
        versions=dict(fields["versions"]),
    )


def _damaged(path: Path, error: Exception) -> ConvwrightError:
    return ConvwrightError(f"{path} is damaged: {error if isinstance(error, ConvwrightError) else repr(error)}")


def _rebuilt(card: ModelCard, state: Mapping[str, Tensor], origin: str) -> nn.Module:
    """The model of the card, its classifier made anew where it has other outputs, with these weights, in eval mode."""
    num_classes = len(card.class_names)
    name = NetworkName(text=card.model, arguments=card.arguments, run_all=card.run_all)
    if name.is_from_zoo:
        name = replace(name, arguments={**name.arguments, "num_classes": num_classes})
    model = open_network(name).module
    if isinstance(model, ConvNet):
        model.preprocessing, model.class_names = card.preprocessing, card.class_names
    with seeded(0):
        for path, layer in list(model.named_modules()):
            if isinstance(layer, nn.Linear) and _is_another_head(layer, path, state):
                model.set_submodule(path, nn.Linear(layer.in_features, num_classes, bias=f"{path}.bias" in state))
    try:
        model.load_state_dict(state)
    except RuntimeError as error:
        reasons = str(error).partition("\n")[2].strip()
        raise ConvwrightError(f"{origin}: {reasons}", hint=_likely_cause(card, state, model)) from error
    return model.eval()


def _is_another_head(layer: nn.Linear, path: str, state: Mapping[str, Tensor]) -> bool:
    """Return True if the weights are of a layer that reads the same features there, but has other outputs."""
    weight, bias = state.get(f"{path}.weight"), state.get(f"{path}.bias")
    if weight is None or weight.shape[1:] != layer.weight.shape[1:]:
        return False
    return len(weight) != layer.out_features or (bias is None) != (layer.bias is None)


def _likely_cause(card: ModelCard, state: Mapping[str, Tensor], model: nn.Module) -> str:
    own, num_classes = model.state_dict(), len(card.class_names)
    unlike = {name for name in own.keys() & state.keys() if own[name].shape != state[name].shape}
    if own.keys() == state.keys() and all(len(own[name]) == num_classes for name in unlike):
        return f"{CARD} names {num_classes} classes, the weights are of {len(state[min(unlike)])}"
    built = " and ".join(f"{name} {number}" for name, number in card.versions.items())
    return f"was the source of {card.model} changed since? It was written with {built}"


def _versions(model: str) -> dict[str, str]:
    from .. import __version__

    own = {"convwright": __version__, "torch": torch.__version__}
    library = NetworkName(text=model).source
    return own | {library: version(library)} if library in LIBRARIES else own


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
