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


def _files(path: Path) -> list[Path]:
    return sorted(path.glob("*-ubyte*"))


def _read(path: Path) -> RawData:
    splits = {}
    for split, theirs in _SPLITS.items():
        # Packed by gzip or not, and `-idx3-` or `.idx3-`, as some archives have it.
        images, labels = (sorted(path.glob(f"{theirs}-{kind}?idx?-ubyte*")) for kind in ("images", "labels"))
        if not (images and labels):
            raise ConvwrightError(
                f"{path} lacks IDX files",
                expected=f"{theirs}-images-idx3-ubyte.gz and {theirs}-labels-idx1-ubyte.gz",
                got=", ".join(file.name for file in _files(path)),
            )
        pixels, numbers = read_idx(images[0], num_axes=3), read_idx(labels[0], num_axes=1)
        if len(pixels) != len(numbers):
            raise ConvwrightError(
                f"{images[0]} and {labels[0]} do not belong together",
                got=f"{len(pixels)} images, {len(numbers)} labels",
            )
        splits[split] = RawSplit(images=pixels[:, None], labels=numbers.astype(np.int64))
    return RawData(splits=splits)


def read_idx(path: Path, *, num_axes: int) -> Pixels:
    """Return the bytes of an IDX file in its shape.

    Raises
    ------
    ConvwrightError
        When the file is no IDX file of bytes with `num_axes` axes, or is not whole.
    """
    content = path.read_bytes()
    if path.suffix == ".gz":
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as error:
            raise ConvwrightError(f"{path} cannot be unpacked ({error})", hint="fetch it again") from error
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


LAYOUT = DataLayout(title="IDX files", fits=lambda path: bool(_files(path)), files=_files, read=_read)
