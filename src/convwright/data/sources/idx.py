"""IDX files, in which MNIST and Fashion-MNIST come: `train-images-idx3-ubyte.gz` and three more.

Source: http://yann.lecun.com/exdb/mnist/: two zero bytes, the type (8 is an unsigned byte), the number of axes, the
size of each axis as a big-endian integer of 4 bytes, the values.
"""

import gzip
import math
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import ConvwrightError
from .raw import DataLayout, Pixels, RawData, RawSplit

_SPLITS = {"train": "train", "test": "t10k"}


def _found(folder: Path, split: str, kind: str) -> Path | None:
    """A split's file; gzip or unpacked, and `-idx3-` or `.idx3-` as some archives have it."""
    return next(iter(sorted(folder.glob(f"{_SPLITS[split]}-{kind}?idx?-ubyte*"))), None)


def _fits(path: Path) -> bool:
    return path.is_dir() and any(path.glob("*-ubyte*"))


def _files(path: Path) -> list[Path]:
    return sorted(path.glob("*-ubyte*"))


def _read(path: Path) -> RawData:
    splits = {}
    for split in _SPLITS:
        images, labels = (_found(path, split, kind) for kind in ("images", "labels"))
        if images is None or labels is None:
            raise ConvwrightError(
                f"{path} lacks IDX files",
                expected=f"{_SPLITS[split]}-images-idx3-ubyte.gz and {_SPLITS[split]}-labels-idx1-ubyte.gz",
                got=", ".join(file.name for file in _files(path)),
            )
        pixels, numbers = read_idx(images, num_axes=3), read_idx(labels, num_axes=1)
        if len(pixels) != len(numbers):
            raise ConvwrightError(
                f"{images} and {labels} do not belong together", got=f"{len(pixels)} images, {len(numbers)} labels"
            )
        splits[split] = RawSplit(images=pixels[:, None], labels=numbers.astype(np.int64))
    return RawData(splits=splits)


def read_idx(path: Path, *, num_axes: int) -> Pixels:
    """The bytes of one IDX file in its shape.

    Raises
    ------
    ConvwrightError
        When the file is no IDX file of bytes with `num_axes` axes, or is not whole.
    """
    content = _content(path)
    header = 4 + 4 * num_axes
    if content[:4] != bytes((0, 0, 8, num_axes)) or len(content) < header:
        raise ConvwrightError(f"{path} is not an IDX file of bytes with {num_axes} axes", hint="fetch it again")
    shape: Any = struct.unpack(f">{num_axes}I", content[4:header])
    if len(content) - header != math.prod(shape):
        raise ConvwrightError(
            f"{path} is not whole",
            expected=f"{math.prod(shape)} values",
            got=str(len(content) - header),
            hint="fetch it again",
        )
    return np.frombuffer(content, dtype=np.uint8, offset=header).reshape(shape)


def _content(path: Path) -> bytes:
    if path.suffix != ".gz":
        return path.read_bytes()
    try:
        return gzip.decompress(path.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise ConvwrightError(f"{path} cannot be unpacked ({error})", hint="fetch it again") from error


LAYOUT = DataLayout(title="IDX files", fits=_fits, files=_files, read=_read)
