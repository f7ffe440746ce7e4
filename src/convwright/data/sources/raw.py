"""Data sets as they are stored: labels, and images that are decoded or encoded."""

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...errors import ConvwrightError

Pixels = NDArray[np.uint8]  # (N, C, H, W)
Labels = NDArray[np.int64]  # (N,)


class CorruptImageError(ConvwrightError):
    """An image that cannot be decoded."""


class EncodedImages(ABC):
    """Images as they were stored, read one at a time: by several threads at once, or by processes it is sent to."""

    @abstractmethod
    def read(self, index: int) -> bytes:
        """The bytes of one image."""

    @abstractmethod
    def place(self, index: int) -> str:
        """Return the location of that image, for messages."""

    def corrupt(self, index: int, error: BaseException) -> CorruptImageError:
        """Return the error to raise if that image cannot be decoded."""
        return CorruptImageError(
            f"{self.place(index)} cannot be decoded ({error})",
            hint="replace or remove it, or leave out all such images with skip_corrupt (--skip-corrupt)",
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class RawSplit:
    """One split: `labels[i]` belongs to image i."""

    images: Pixels | EncodedImages
    labels: Labels


@dataclass(frozen=True, kw_only=True, eq=False)
class RawData:
    """A data set as it is stored: splits called `train`, `validation`, `test`, of which only `train` is always there.

    `class_names` is empty where the layout has none.
    """

    splits: Mapping[str, RawSplit]
    class_names: tuple[str, ...] = ()

    def checked_class_names(self) -> tuple[str, ...]:
        """Check the labels, and return the class names: numbers if the layout has none.

        Raises
        ------
        ConvwrightError
            For a split without images, a label out of range, or training images of a single class.
        """
        for name, split in self.splits.items():
            if not len(split.labels):
                raise ConvwrightError(f"the {name} part holds no images")
        highest = max(int(split.labels.max()) for split in self.splits.values())
        names = self.class_names or tuple(str(label) for label in range(highest + 1))
        for name, split in self.splits.items():
            outside = np.flatnonzero((split.labels < 0) | (split.labels >= len(names)))
            if len(outside):
                row, label = outside[0], split.labels[outside[0]]
                where = split.images.place(row) if isinstance(split.images, EncodedImages) else f"{name} image {row}"
                raise ConvwrightError(
                    f"the label of {where}",
                    expected=f"from 0 to {len(names) - 1}",
                    got=str(label),
                    hint="-1 stands for a hidden label: leave that part out" if label == -1 else "",
                )
        if len(np.unique(self.splits["train"].labels)) < 2:
            raise ConvwrightError("the training images are all of one class", expected="two classes or more")
        return names


@dataclass(frozen=True, kw_only=True)
class DataLayout:
    """A way in which data sets are stored on a disk.

    Attributes
    ----------
    title : str
        Its name in messages.
    fits : callable
        Path -> True if a data set in this layout may be there.
    files : callable
        Path -> the files that the data are made of; a change in one of them is a change of the data.
    read : callable
        Path -> the data; raises `ConvwrightError` if they are not as they should be.
    """

    title: str
    fits: Callable[[Path], bool]
    files: Callable[[Path], list[Path]]
    read: Callable[[Path], RawData]


def files_below(folder: Path, pattern: str = "*") -> list[Path]:
    """Return the files below a folder in a fixed order, without hidden ones and those in hidden folders."""
    found = sorted(folder.rglob(pattern))
    return [
        path
        for path in found
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]


@dataclass(frozen=True, eq=False)
class FileImages(EncodedImages):
    """Images that are a file each; `paths` are encoded, in one array, since a million `Path`s take half a gigabyte."""

    paths: NDArray[np.bytes_]

    @classmethod
    def at(cls, paths: list[Path]) -> "FileImages":
        """The images at some paths."""
        return cls(np.array([os.fsencode(path) for path in paths]))

    def read(self, index: int) -> bytes:
        """The content of the file."""
        return self._path(index).read_bytes()

    def place(self, index: int) -> str:
        """Its path."""
        return str(self._path(index))

    def _path(self, index: int) -> Path:
        return Path(os.fsdecode(bytes(self.paths[index])))
