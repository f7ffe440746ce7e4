"""A folder for each class, with its images inside: flat, or below `train`, `val` and `test`."""

from pathlib import Path

import numpy as np

from ...errors import ConvwrightError, unknown
from .raw import DataLayout, FileImages, RawData, RawSplit, files_below

SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm"}
_SPLITS = {"train": "train", "training": "train", "val": "validation", "valid": "validation", "test": "test"}
_SPLITS |= {"validation": "validation", "testing": "test"}


def images_below(folder: Path) -> list[Path]:
    """Return the image files below a folder, in a fixed order."""
    return [path for path in files_below(folder) if path.suffix.lower() in SUFFIXES]


def _folders(path: Path) -> list[Path]:
    return sorted(folder for folder in path.iterdir() if folder.is_dir() and not folder.name.startswith("."))


def _read(path: Path) -> RawData:
    splits = {_SPLITS[folder.name.lower()]: folder for folder in _folders(path) if folder.name.lower() in _SPLITS}
    if not splits:
        splits = {"train": path}
    if "train" not in splits:
        raise ConvwrightError(
            f"{path} holds {' and '.join(folder.name for folder in splits.values())} but no train",
            hint="name the folder of training images `train`",
        )
    names = tuple(folder.name for folder in _folders(splits["train"]))
    if not names:
        raise ConvwrightError(
            f"{splits['train']} holds no folders", expected="a folder for each class, with its images inside"
        )
    return RawData(splits={split: _split(folder, names) for split, folder in splits.items()}, class_names=names)


def _split(path: Path, names: tuple[str, ...]) -> RawSplit:
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
    return RawSplit(images=FileImages.at(paths), labels=np.asarray(labels, dtype=np.int64))


LAYOUT = DataLayout(
    title="a folder for each class",
    fits=lambda path: path.is_dir() and bool(_folders(path)),
    files=images_below,
    read=_read,
)
