"""What a layout hands over: labels, and images that are decoded or still to be."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]  # (N, C, H, W)
Labels = NDArray[np.int64]  # (N,)


@dataclass(frozen=True, kw_only=True)
class Encoded:
    """Images as files or bytes, read one at a time and by several threads at once.

    Attributes
    ----------
    read : callable
        Index -> the bytes of one image as it was stored.
    place : callable
        Index -> where that image lies, for messages.
    """

    read: Callable[[int], bytes]
    place: Callable[[int], str]


@dataclass(frozen=True, kw_only=True, eq=False)
class RawPart:
    """One split: `labels[i]` belongs to image i."""

    images: Pixels | Encoded
    labels: Labels


@dataclass(frozen=True, kw_only=True, eq=False)
class RawData:
    """A data set as it lies: parts by `train`, `validation`, `test`, of which only `train` is always there.

    `class_names` is empty where the layout has none.
    """

    parts: Mapping[str, RawPart]
    class_names: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A way in which data sets lie on disks.

    Attributes
    ----------
    title : str
        What people call it.
    fits : callable
        Path -> whether this may be it.
    files : callable
        Path -> the files that the data are made of; a change in one of them is a change of the data.
    read : callable
        Path -> the data; raises `ConvwrightError` where they are not as they should be.
    """

    title: str
    fits: Callable[[Path], bool]
    files: Callable[[Path], list[Path]]
    read: Callable[[Path], RawData]


def files_below(folder: Path, pattern: str = "*") -> list[Path]:
    """The files below a folder in a fixed order, hidden ones and those of hidden folders left out."""
    found = sorted(folder.rglob(pattern))
    return [path for path in found if path.is_file() and not _hidden(path.relative_to(folder))]


def file_images(paths: list[Path]) -> Encoded:
    """Images that are a file each."""
    return Encoded(read=lambda index: paths[index].read_bytes(), place=lambda index: str(paths[index]))


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
