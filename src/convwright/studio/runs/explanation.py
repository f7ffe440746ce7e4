"""Explanation of a trained network on a photograph: likeliest classes, Grad-CAM and feature maps."""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from ...analysis.feature_maps import feature_maps, map_layers
from ...analysis.grad_cam import grad_cam
from ...analysis.last_map import last_map_module
from ...child_process import announce
from ...errors import ConvwrightError, unknown
from ...networks import NetworkName
from ...networks.reading.file_import import fresh_imports
from ...reports.analysis.map_pictures import map_png, photograph_png
from ...reports.transfer.pictures import as_pixels
from ...transfer_learning.trained_classifier import TrainedClassifier, read_trained_classifier
from ..shared.photographs import Photographs
from ..shared.user_network import steps_in_process
from .run_entry import RunEntry

_MOST_CLASSES, _MOST_CHANNELS = 5, 24
_DEPTH = 3  # of the layers that can be chosen, besides the last map


@dataclass(frozen=True, kw_only=True)
class ExplanationChoices:
    """Choices that an explanation of a trained network offers, as plain values.

    Attributes
    ----------
    class_names : tuple of str
        Names of its classes in the order of the logits.
    layers : mapping of str to tuple
        Layers whose maps can be shown, and the shapes of these.
    last : str
        The layer whose map the classifier reads.
    """

    class_names: tuple[str, ...]
    layers: Mapping[str, tuple[int, ...]]
    last: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Explanation:
    """Output of a network for a photograph, with the evidence for it.

    Attributes
    ----------
    classes : tuple of (str, float)
        The likeliest, and their probabilities.
    shown : str
        The class that the heat speaks for.
    probability : float
        Of it.
    image, heat : bytes
        PNG: what the network is given, and where it sees the class.
    layer : str
        Whose maps follow.
    num_channels : int
        That it has.
    channels : tuple of (int, bytes)
        The most varied ones, by number, each a PNG.
    """

    classes: tuple[tuple[str, float], ...]
    shown: str
    probability: float
    image: bytes
    heat: bytes
    layer: str
    num_channels: int
    channels: tuple[tuple[int, bytes], ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainedNetwork:
    """A trained network, ready to be explained.

    Attributes
    ----------
    used : TrainedClassifier
        With its weights and classes.
    choices : ExplanationChoices
        What can be shown of it.
    """

    used: TrainedClassifier
    choices: ExplanationChoices

    @classmethod
    def read(cls, folder: Path) -> "TrainedNetwork":
        """Read the network of a finished training or of a transfer.

        Raises
        ------
        ConvwrightError
            When there is none yet, or it is damaged.
        """
        used = read_trained_classifier(folder)
        shape = (1, *used.pixels(_as_file(Image.new("RGB", (64, 64)), used)).shape)
        last, layers = last_map_module(used.model, shape), map_layers(used.model, shape)
        chosen = {name: made for name, made in layers.items() if name == last or name.count(".") < _DEPTH}
        return cls(used=used, choices=ExplanationChoices(class_names=used.class_names, layers=chosen, last=last))

    def explain(self, photograph: Image.Image, *, layer: str = "", class_name: str = "") -> Explanation:
        """Explain the output for a photograph: by default the likeliest class and the last map.

        Raises
        ------
        ConvwrightError
            When there is no such layer or class.
        """
        used, layer = self.used, layer or self.choices.last
        if layer not in self.choices.layers:
            raise unknown("layer", layer, self.choices.layers)
        if class_name and class_name not in used.class_names:
            raise unknown("class", class_name, used.class_names)
        image = used.pixels(_as_file(photograph, used))[None]
        with torch.inference_mode():
            shares = used.model(image).float().softmax(1)[0]
        place = used.class_names.index(class_name) if class_name else int(shares.argmax())
        best = shares.topk(min(_MOST_CLASSES, len(shares)))
        pairs = zip(best.indices.tolist(), best.values.tolist(), strict=True)
        seen = as_pixels(image, used.mean, used.std)[0]
        heat = grad_cam(used.model, image, classes=[place])[0].numpy()
        maps = feature_maps(used.model, image, layer)[0].float()
        return Explanation(
            classes=tuple((used.class_names[index], share) for index, share in pairs),
            shown=used.class_names[place],
            probability=float(shares[place]),
            image=photograph_png(seen),
            heat=photograph_png(seen, heat),
            layer=layer,
            num_channels=len(maps),
            channels=_most_varied(maps),
        )


class Explainer:
    """Trained networks and photographs, shared by all tabs; the library's network used last is kept.

    Parameters
    ----------
    photographs : Photographs
        That can be looked at.
    named : str
        MODEL of the command line, whose file may be run.
    """

    def __init__(self, photographs: Photographs, named: str = "") -> None:
        self.photographs, self._named = photographs, named
        self._loaded: tuple[object, TrainedNetwork] | None = None

    def steps(
        self, found: RunEntry, picture: str, *, layer: str = "", class_name: str = ""
    ) -> Iterator[ExplanationChoices | Explanation]:
        """Yield the choices that the network of a run offers, then its explanation on a photograph.

        A network of the user's is opened and computed in a process of its own.

        Raises
        ------
        ConvwrightError
            When there is no such photograph, layer or class; when there is no network yet, it is damaged, it would take
            running a file that nobody named, or its process passes a limit.
        """
        name, photograph = NetworkName(text=found.model), self.photographs.get(picture)
        if not name.is_users:
            network = self._network(found)
            yield network.choices
            yield network.explain(photograph, layer=layer, class_name=class_name)
            return
        if found.model != self._named:
            hint = f"`convwright studio {found.model}` allows it"
            raise ConvwrightError(f"{found.name} would run {name.source}, which nobody named at the start", hint=hint)
        yield from steps_in_process(_users_steps, name, found.folder, photograph, layer, class_name)

    def _network(self, found: RunEntry) -> TrainedNetwork:
        key = (found.name, found.began)
        if self._loaded is None or self._loaded[0] != key:
            self._loaded = (key, TrainedNetwork.read(found.folder))
        return self._loaded[1]


def _users_steps(
    name: NetworkName, folder: Path, photograph: Image.Image, layer: str, class_name: str
) -> Iterator[ExplanationChoices | Explanation]:
    with fresh_imports():
        announce(f"opening {name.text}")
        network = TrainedNetwork.read(folder)
        yield network.choices
        announce(f"explaining {name.text}")
        yield network.explain(photograph, layer=layer, class_name=class_name)


def _as_file(image: Image.Image, used: TrainedClassifier) -> bytes:
    """Return a photograph as the file that a network is given: gray for one that was trained on gray images."""
    page = io.BytesIO()
    (image.convert("L") if len(used.mean) == 1 else image).save(page, "PNG")
    return page.getvalue()


def _most_varied(maps: Tensor) -> tuple[tuple[int, bytes], ...]:
    spread = maps.flatten(1).std(1, correction=0)
    order = spread.argsort(descending=True, stable=True)[:_MOST_CHANNELS].tolist()
    return tuple((number, map_png(maps[number].numpy())) for number in order)
