"""The binary version of CIFAR-10 and CIFAR-100, which holds no pickle.

Source: https://www.cs.toronto.edu/~kriz/cifar.html: a row is one label byte (CIFAR-10) or a coarse and a fine one
(CIFAR-100), then 3,072 bytes of red, green and blue planes.
"""

from pathlib import Path

import numpy as np

from ...errors import ConvwrightError
from ...files import read_text
from .raw import DataLayout, RawData, RawSplit

_SHAPE = (3, 32, 32)
_PIXELS = 3 * 32 * 32


def _batches(folder: Path) -> list[Path]:
    return sorted(folder.glob("data_batch_*.bin"))


def _read(path: Path) -> RawData:
    hundred = not _batches(path)
    training = [path / "train.bin"] if hundred else _batches(path)
    testing = path / ("test.bin" if hundred else "test_batch.bin")
    if not testing.exists():
        raise ConvwrightError(f"{path} holds no {testing.name}", hint="unpack the whole archive again")
    names = path / ("fine_label_names.txt" if hundred else "batches.meta.txt")
    label_bytes = 2 if hundred else 1
    return RawData(
        splits={"train": _rows(training, label_bytes), "test": _rows([testing], label_bytes)},
        class_names=tuple(read_text(names).split()) if names.exists() else (),
    )


def _rows(files: list[Path], label_bytes: int) -> RawSplit:
    """Read a split; each row ends its labels with the one that counts."""
    width, tables = label_bytes + _PIXELS, []
    for file in files:
        content = np.fromfile(file, dtype=np.uint8)
        if not content.size or content.size % width:
            raise ConvwrightError(
                f"{file} is not whole",
                expected=f"rows of {width} bytes",
                got=f"{content.size} bytes",
                hint="unpack the archive again",
            )
        tables.append(content.reshape(-1, width))
    table = np.concatenate(tables)
    images = np.ascontiguousarray(table[:, label_bytes:]).reshape(-1, *_SHAPE)
    return RawSplit(images=images, labels=table[:, label_bytes - 1].astype(np.int64))


LAYOUT = DataLayout(
    title="CIFAR's binary version",
    fits=lambda path: bool(_batches(path)) or (path / "train.bin").exists(),
    files=lambda path: sorted([*path.glob("*.bin"), *path.glob("*.txt")]),
    read=_read,
)
