"""Small files, replaced in one go."""

import os
from pathlib import Path

from ..errors import ConvwrightError


def write_text(path: Path, text: str) -> None:
    """Write a file so that there is, at any moment, either what was there before or all of `text`.

    Raises
    ------
    ConvwrightError
        If it cannot be written.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(text, encoding="utf-8")
        os.replace(unfinished, path)
    except OSError as error:
        raise ConvwrightError(f"cannot write {path}: {error}", hint="free space, or choose another folder") from error
