"""The files of a report, each replaced in one go."""

import os
from collections.abc import Mapping
from pathlib import Path

from ..errors import ConvwrightError


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write each file so that there is, at any moment, either what was there before or all of it.

    Raises
    ------
    ConvwrightError
        If one cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            partial = folder / f".{name}.partial"
            partial.write_bytes(content)
            os.replace(partial, folder / name)
    except OSError as error:
        raise ConvwrightError(f"cannot write {folder}: {error}", hint="free space, or choose another folder") from error
