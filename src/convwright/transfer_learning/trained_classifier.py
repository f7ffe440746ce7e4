"""Trained classifier of any folder: the network, its classes, and the preparation of images."""

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ConvwrightError
from ..training.run_folder import read_input_spec, read_spec, trained_model

if TYPE_CHECKING:
    from torch import Tensor, nn

    from ..data.sets import ImageData


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainedClassifier:
    """Network with its weights, classes and preparation of images.

    Attributes
    ----------
    model : nn.Module
        Network in eval mode.
    card : mapping of str to plain values
        Facts about the weights, to be kept in a file for others: no paths of this machine's data.
    class_names : tuple of str
        Names of the classes in the order of the logits.
    mean, std : tuple of float
        Mean and standard deviation by which images are normalized.
    precision : str
        Precision of evaluation.
    pixels : callable
        The image in the bytes of a file, (C, H, W), normalized.
    read : callable
        The data of a name or path, images in size; the network's own data for None.
    """

    model: "nn.Module"
    card: Mapping[str, Any]
    class_names: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    precision: str
    pixels: Callable[[bytes], "Tensor"]
    read: Callable[[str | None], "ImageData"]

    def image(self, path: Path) -> "Tensor":
        """Read an image file as the network takes it, (C, H, W).

        Raises
        ------
        ConvwrightError
            When there is none, or it cannot be read.
        """
        with _naming(path):
            return self.pixels(path.read_bytes())

    def load_data(self, text: str | None = None) -> "ImageData":
        """Load its own data, or other data, normalized as in training.

        Raises
        ------
        ConvwrightError
            When they are of other classes.
        """
        data = self.read(text)
        if data.class_names != self.class_names:
            raise ConvwrightError(
                f"classes of {data.name}",
                expected=_few(self.class_names),
                got=_few(data.class_names),
                hint="name the folders, and order the labels, as in training",
            )
        return replace(data, mean=self.mean, std=self.std)


def read_trained_classifier(folder: Path) -> TrainedClassifier:
    """Read the network of a folder with `model.json`, or of a run.

    Raises
    ------
    ConvwrightError
        When there is none, or it is damaged.
    """
    return _shipped(folder) if (folder / "model.json").is_file() else _trained(folder)


def _shipped(folder: Path) -> TrainedClassifier:
    from PIL import Image

    from ..data import load_data
    from ..transfer_learning.artifact import read_artifact

    model, card = read_artifact(folder)
    transform = card.preprocessing

    def read(text: str | None) -> "ImageData":
        if not (text or card.data):
            raise ConvwrightError(f"{folder} does not say what it was trained on", hint="name data with --data")
        return load_data(text or card.data, preprocessing=transform, validation=0)

    def pixels(content: bytes) -> "Tensor":
        with Image.open(io.BytesIO(content)) as image:  # by path Pillow turns some TIFFs wrongly
            return transform(image)

    return TrainedClassifier(
        model=model,
        card={name: value for name, value in card.to_dict().items() if name != "data"},
        class_names=card.class_names,
        mean=transform.mean,
        std=transform.std,
        precision="fp32",
        pixels=pixels,
        read=read,
    )


def _trained(folder: Path) -> TrainedClassifier:
    import torch

    from ..data.pictures import Form, decoded

    spec, seen = read_spec(folder), read_input_spec(folder)
    channels, height, width = seen.image_shape
    form = Form(channels=channels, height=height, width=width, resize=True)
    mean, std = (torch.tensor(values).view(-1, 1, 1) for values in (seen.mean, seen.std))
    resizing = replace(spec, image_size=height) if height == width else spec

    def read(text: str | None) -> "ImageData":
        data = spec.load_data() if text is None else resizing.load_data(text)
        if data.image_shape != seen.image_shape:
            raise ConvwrightError(f"images of {data.name}", expected=f"{seen.image_shape}", got=f"{data.image_shape}")
        return data

    return TrainedClassifier(
        model=trained_model(folder, num_classes=len(seen.class_names), in_channels=channels),
        card={"model": spec.model, "arguments": dict(spec.arguments), "run_all": spec.run_all, **asdict(seen)},
        class_names=seen.class_names,
        mean=seen.mean,
        std=seen.std,
        precision=seen.precision,
        pixels=lambda content: (torch.tensor(decoded(content, form)).float() / 255 - mean) / std,
        read=read,
    )


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Name the image in what is wrong with it."""
    from PIL import UnidentifiedImageError

    from ..data.pictures import BROKEN, FormMismatch

    try:
        yield
    except FileNotFoundError as error:
        raise ConvwrightError(f"there is no image {path}", expected="the path of a photograph") from error
    except FormMismatch as error:
        raise ConvwrightError(f"{path}", expected="a gray image, as in training", got="one in color") from error
    except BROKEN as error:
        reason = "no format that Pillow knows" if isinstance(error, UnidentifiedImageError) else error
        raise ConvwrightError(f"{path} cannot be read as an image ({reason})") from error


def _few(names: tuple[str, ...]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
