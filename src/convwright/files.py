"""The one writer: files and folders appear whole or not at all, and text is UTF-8.

New content is written under a temporary name in the same folder, which names the process, and is then renamed. So a
process that is killed leaves the old content, never half of the new.
"""

import contextlib
import glob
import os
import secrets
import shutil
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from .errors import ConvwrightError

HINT = "free space, or choose another folder"


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file; every line ends with a newline character.

    Raises
    ------
    OSError
        If it cannot be read.
    ConvwrightError
        If it is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConvwrightError(f"{path} is not UTF-8 text ({error.reason} at byte {error.start})") from error


def write(path: Path, content: str | bytes, *, hint: str = HINT, is_durable: bool = False) -> None:
    """Write one file, whole or not at all; see `write_files`."""
    write_files({path: content}, hint=hint, is_durable=is_durable)


def write_files(contents: Mapping[Path, str | bytes], *, hint: str = HINT, is_durable: bool = False) -> None:
    """Write a set of files; if one of them cannot be written, none is changed.

    Missing folders are created. A file that exists keeps its mode, and a link stays a link.

    Parameters
    ----------
    contents : mapping of Path to str or bytes
        New content of each file; text is written as UTF-8 with its line ends as they are.
    hint : str
        What the user can do if this fails.
    is_durable : bool
        Whether to wait until the content is on the disk, so that a power cut loses nothing.

    Raises
    ------
    ConvwrightError
        If one cannot be written.
    """
    targets = {path: _real(path) for path in contents}
    with contextlib.ExitStack() as leftovers, contextlib.ExitStack() as undo:
        renames: list[tuple[Path, Path, Path]] = []
        for path, target in targets.items():
            with _explained(path, hint):
                target.parent.mkdir(parents=True, exist_ok=True)
                unfinished = _beside(target)
                leftovers.callback(_remove, unfinished)
                content = contents[path]
                unfinished.write_bytes(content.encode() if isinstance(content, str) else content)
                if target.is_file():
                    unfinished.chmod(stat.S_IMODE(target.stat().st_mode))
                if is_durable:
                    _flush(unfinished)
                renames.append((path, unfinished, target))
        for path, unfinished, target in renames:
            with _explained(path, hint):
                if len(renames) > 1:
                    _keep_for_undo(target, leftovers, undo)
                os.replace(unfinished, target)
                if is_durable:
                    _flush(target.parent)
        undo.pop_all()


@contextlib.contextmanager
def replacing(path: Path, *, name: str = "", hint: str = HINT, is_durable: bool = False) -> Iterator[Path]:
    """Yield a path at which a library may write; at the end of the block the file takes the place of `path`.

    The file lies in a temporary folder beside `path`, under the same name, or under `name` for a library that wants a
    certain suffix. If the block fails, `path` is as it was.

    Raises
    ------
    ConvwrightError
        If it cannot be written: the block raised an `OSError`.
    """
    target = _real(path)
    with _explained(path, hint):
        target.parent.mkdir(parents=True, exist_ok=True)
        folder = _beside(target)
        try:
            folder.mkdir(mode=0o700)
            unfinished = folder / (name or target.name)
            yield unfinished
            if is_durable:
                _flush(unfinished)
            os.replace(unfinished, target)
            if is_durable:
                _flush(target.parent)
        finally:
            _remove(folder)


@contextlib.contextmanager
def new_folder(place: Path) -> Iterator[Path]:
    """Yield an empty folder, for its owner alone, which is renamed to `place` at the end of the block.

    If the block fails, the folder is removed.

    Raises
    ------
    OSError
        If it cannot be created or renamed.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    folder = _beside(place)
    try:
        folder.mkdir(mode=0o700)
        yield folder
        os.replace(folder, place)
    finally:
        _remove(folder)


def append_to(path: Path) -> BinaryIO:
    """Open a file to add bytes at its end: a log, or an array in a `new_folder`.

    Raises
    ------
    OSError
        If it cannot be opened.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("ab")


def remove_unfinished(folder: Path, name: str = "") -> None:
    """Remove what killed processes left while writing `name`, or anything, into `folder`.

    Only for those who know that nobody else is writing there, for example because they hold a lock.
    """
    for left in folder.glob(f".{glob.escape(name) or '*'}.*.unfinished"):
        _remove(left)


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _beside(target: Path) -> Path:
    # Processes of several machines, which may have the same number, can share the folder.
    return target.with_name(f".{target.name}.{os.getpid()}-{secrets.token_hex(4)}.unfinished")


@contextlib.contextmanager
def _explained(path: Path, hint: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConvwrightError(f"cannot write {path} ({error.strerror or error})", hint=hint) from error


def _keep_for_undo(target: Path, leftovers: contextlib.ExitStack, undo: contextlib.ExitStack) -> None:
    if target.is_file():
        before = _beside(target)
        leftovers.callback(_remove, before)
        shutil.copy2(target, before)
        undo.callback(os.replace, before, target)
    elif not target.exists():
        undo.callback(_remove, target)


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    if path.is_dir() and os.name == "nt":
        return  # Windows cannot open folders
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
