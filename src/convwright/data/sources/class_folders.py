"""A folder for each class, with its images inside: flat, or below `train`, `val` and `test`."""

from pathlib import Path

import numpy as np

from ...errors import ConvwrightError, unknown
from .raw import FileImages, Layout, RawData, RawPart, files_below

SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm"}
_PARTS = {"train": "train", "training": "train", "val": "validation", "valid": "validation", "test": "test"}
_PARTS |= {"validation": "validation", "testing": "test"}


def images_below(folder: Path) -> list[Path]:
    """The image files below a folder, in a fixed order."""
    return [path for path in files_below(folder) if path.suffix.lower() in SUFFIXES]


def _folders(path: Path) -> list[Path]:
    return sorted(folder for folder in path.iterdir() if folder.is_dir() and not folder.name.startswith("."))


def _fits(path: Path) -> bool:
    return path.is_dir() and bool(_folders(path))


def _read(path: Path) -> RawData:
    parts = {_PARTS[folder.name.lower()]: folder for folder in _folders(path) if folder.name.lower() in _PARTS}
    if not parts:
        parts = {"train": path}
    if "train" not in parts:
        raise ConvwrightError(
            f"{path} holds {' and '.join(folder.name for folder in parts.values())} but no train",
            hint="name the folder of training images `train`",
        )
    names = tuple(folder.name for folder in _folders(parts["train"]))
    if not names:
        raise ConvwrightError(
            f"{parts['train']} holds no folders", expected="a folder for each class, with its images inside"
        )
    return RawData(parts={part: _part(folder, names) for part, folder in parts.items()}, class_names=names)


def _part(path: Path, names: tuple[str, ...]) -> RawPart:
    paths, labels = [], []
    for folder in _folders(path):
        if folder.name not in names:
            raise unknown("class", folder.name, names, hint=f"{folder} is no class of the training images")
        found = images_below(folder)
        if not found:
            raise ConvwrightError(
                f"{folder} holds no images",
                expected=f"files ending in {' '.join(sorted(SUFFIXES))}",
                hint="remove the folder or fill it",
            )
        paths += found
        labels += [names.index(folder.name)] * len(found)
    return RawPart(images=FileImages.at(paths), labels=np.asarray(labels, dtype=np.int64))


LAYOUT = Layout(title="a folder for each class", fits=_fits, files=images_below, read=_read)
