"""Decoded images kept on the disk: memory-mapped, checksummed, written all at once or not at all."""

import hashlib
import json
import os
import shutil
import warnings
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from ..errors import ConvwrightError
from ..extras import needs_extra
from ..files import append_to, new_folder, read_text, remove_unfinished, write

VERSION = 1  # of what is written; a new one makes all entries anew
_HINT = "make room, or name another folder in the environment variable CONVWRIGHT_CACHE"
_BLOCK = 1 << 20
_MOST_BLOCKS = 256  # of a file that are read to check it: all of 256 MiB, evenly spread ones of a longer file


class CacheEntry(NamedTuple):
    """Entry of the cache: tensors by name, and the facts that `build` returned."""

    tensors: dict[str, Tensor]
    facts: dict[str, Any]


def cache_folder() -> Path:
    """Return the folder of the cache: `CONVWRIGHT_CACHE`, else `convwright` in the user's cache folder."""
    if own := os.environ.get("CONVWRIGHT_CACHE"):
        return Path(own).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "convwright"


def key_of(settings: Any, files: Iterable[Path] = ()) -> str:
    """Return a key for the cache that changes with the settings and with any file's name, size or modification time.

    >>> key_of({"image_size": 32}) != key_of({"image_size": 64})
    True
    """
    states = [(str(file.absolute()), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    text = json.dumps([VERSION, settings, states], default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


class ArrayWriter:
    """Write an array piece by piece along its first axis, into `<folder>/<name>.bin`; `length` is of that axis."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self._path = folder / f"{name}.bin"
        self._path.unlink(missing_ok=True)  # an array starts empty
        self._file = append_to(self._path)
        self.length = 0
        self._shape: tuple[int, ...] = ()
        self._dtype = ""

    def append(self, piece: np.ndarray) -> None:
        """Write a piece of shape (n, ...)."""
        self.length += len(piece)
        self._shape = piece.shape[1:]
        self._dtype = piece.dtype.name
        self._file.write(np.ascontiguousarray(piece).data)

    def close(self) -> None:
        """Flush the array to the disk."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def specification(self) -> dict[str, Any]:
        """Return shape, dtype and checksum: what is needed to read the array and to see that it is whole."""
        return {"shape": [self.length, *self._shape], "dtype": self._dtype, "checksum": checksum(self._path)}


def checksum(path: Path) -> str:
    """Return the size and the CRC-32 of a file; above 256 MiB, of 256 blocks of 1 MiB evenly spread over it.

    It finds what is cut off or overwritten, at the speed of the disk; it is no protection against forgery.
    """
    size, crc = path.stat().st_size, 0
    blocks = -(-size // _BLOCK)
    with path.open("rb") as file:
        for step in range(min(blocks, _MOST_BLOCKS)):
            file.seek(step * max(blocks, _MOST_BLOCKS) // _MOST_BLOCKS * _BLOCK)
            crc = zlib.crc32(file.read(_BLOCK), crc)
    return f"{size}-{crc:08x}"


def open_or_build(key: str, build: Callable[[Path], dict[str, Any]]) -> CacheEntry:
    """Open the entry called `key`; `build` writes it into a folder if it is missing or damaged.

    Processes that ask for the same entry wait for the one that builds it. A damaged entry is built anew, with a
    warning.

    Parameters
    ----------
    key : str
        See `key_of`.
    build : callable
        Writes arrays into the folder it is given, and returns facts as plain values: in `arrays`, the specifications by
        name, which `ArrayWriter` makes.

    Raises
    ------
    ConvwrightError
        When the folder of the cache cannot be written, and what `build` raises.
    """
    with needs_extra("train"):
        from filelock import FileLock

    place = cache_folder() / key
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(place.with_suffix(".lock")):
            if place.exists():
                try:
                    return _opened(place)
                except (OSError, ValueError, KeyError, TypeError) as error:
                    warnings.warn(f"{place} is damaged ({error}): it is made anew", stacklevel=2)
                    shutil.rmtree(place)
            _build(place, build)
            return _opened(place)
    except OSError as error:
        file, folder = Path(error.filename or place), place.parent
        if not (file.is_relative_to(folder) or folder.is_relative_to(file)):  # not the cache's own
            raise ConvwrightError(f"{file} cannot be read ({error.strerror})") from error
        raise ConvwrightError(f"the cache {place.parent} cannot be used ({error})", hint=_HINT) from error


def _build(place: Path, build: Callable[[Path], dict[str, Any]]) -> None:
    """Build an entry; the caller holds its lock."""
    remove_unfinished(place.parent, place.name)
    with new_folder(place) as unfinished:
        facts = json.dumps(build(unfinished))
        content = {"facts": json.loads(facts), "digest": hashlib.sha256(facts.encode()).hexdigest()}
        write(unfinished / "facts.json", json.dumps(content), hint=_HINT)


def _opened(place: Path) -> CacheEntry:
    """Check an entry and map its arrays into memory.

    Raises
    ------
    ValueError, KeyError, TypeError or OSError
        When it is damaged.
    """
    content = json.loads(read_text(place / "facts.json"))
    facts = content["facts"]
    if hashlib.sha256(json.dumps(facts).encode()).hexdigest() != content["digest"]:
        raise ValueError("facts.json was changed")
    tensors = {}
    for name, specification in facts["arrays"].items():
        path = place / f"{name}.bin"
        if checksum(path) != specification["checksum"]:
            raise ValueError(f"{path.name} does not have its checksum")
        shape = tuple(specification["shape"])
        # Copy-on-write: torch wants memory that may be written, and no write of ours shall reach the file.
        tensors[name] = torch.from_numpy(np.memmap(path, dtype=specification["dtype"], mode="c", shape=shape))
    return CacheEntry(tensors, facts)
