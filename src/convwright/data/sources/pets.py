"""Oxford-IIIT Pet as its authors published it: photographs in one folder, and lists that say which are of what.

Source: Parkhi et al. 2012, "Cats and Dogs". A line of a list has an image's name, its class from 1, the species and the
breed within it. A class is named by what its images are called, without the number.
"""

from pathlib import Path

import numpy as np

from ...errors import ConvwrightError
from ...files import read_text
from .raw import DataLayout, FileImages, RawData, RawSplit, files_below

_SPLITS = {"train": "trainval.txt", "test": "test.txt"}
_COLUMNS = 4


def _lists(path: Path) -> list[Path]:
    return [path / "annotations" / name for name in _SPLITS.values()]


def _read(path: Path) -> RawData:
    names: dict[int, str] = {}
    splits = {}
    for split, name in _SPLITS.items():
        rows = _rows(path / "annotations" / name)
        for image, label in rows:
            called = image.rpartition("_")[0].replace("_", " ")
            if names.setdefault(label, called) != called:
                raise ConvwrightError(
                    f"class {label + 1} in {path}",
                    expected=f"images of {names[label]}",
                    got=f"one of {called}",
                    hint="fetch the annotations again",
                )
        splits[split] = RawSplit(
            images=FileImages.at([path / "images" / f"{image}.jpg" for image, _ in rows]),
            labels=np.array([label for _, label in rows], dtype=np.int64),
        )
    if sorted(names) != list(range(len(names))):
        missing = next(label for label in range(len(names)) if label not in names)
        raise ConvwrightError(f"no image of {path} is of class {missing + 1}", hint="fetch the annotations again")
    return RawData(splits=splits, class_names=tuple(names[label] for label in range(len(names))))


def _rows(path: Path) -> list[tuple[str, int]]:
    """Read name and label (from 0) of each image in a list; lines that begin with # are comments."""
    rows = []
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        cells = line.split()
        if not cells or line.startswith("#"):
            continue
        if len(cells) != _COLUMNS or not cells[1].isdecimal() or cells[1] == "0":
            raise ConvwrightError(
                f"line {number} of {path}", expected="name, class from 1, species, breed", got=repr(line)
            )
        rows.append((cells[0], int(cells[1]) - 1))
    return rows


LAYOUT = DataLayout(
    title="Oxford-IIIT Pet",
    fits=lambda path: all(file.is_file() for file in _lists(path)),
    files=lambda path: _lists(path) + files_below(path / "images", "*.jpg"),
    read=_read,
)
