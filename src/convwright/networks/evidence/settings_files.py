"""Settings that lie in files: YAML, JSON or TOML that a user's file opens by a literal path."""

import json
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ...errors import ConvwrightError
from ...files import read_text
from ..reading.stand_in import HyperParameters

SUFFIXES = (".yaml", ".yml", ".json", ".toml")
_MOST_BYTES = 1_000_000


def read_settings(path: str | Path, folders: Iterable[Path]) -> Any:
    """Return the content of a file of settings; mappings can be read as items or as attributes.

    Parameters
    ----------
    path : str or Path
        Path as the user's file names it.
    folders : iterable of Path
        Folders that it may be relative to.

    Raises
    ------
    LookupError
        If there is no such file, it cannot be read, or PyYAML is needed and missing.
    """
    text = text_of(path, folders)
    try:
        if Path(path).suffix == ".json":
            content = json.loads(text)
        elif Path(path).suffix == ".toml":
            content = tomllib.loads(text)
        else:
            content = _yaml(text)
    except (ValueError, RecursionError) as error:
        raise LookupError(path) from error
    return with_attributes(content)


def text_of(path: str | Path, folders: Iterable[Path]) -> str:
    """Return the text of a small file that lies in one of the folders.

    Raises
    ------
    LookupError
        If there is none, or it cannot be read.
    """
    for folder in folders:
        file = folder / path
        try:
            if file.is_file() and file.stat().st_size <= _MOST_BYTES:
                return read_text(file)
        except (OSError, ConvwrightError):
            continue
    raise LookupError(path)


def with_attributes(content: Any) -> Any:
    """Return the same content with mappings whose items are attributes too.

    >>> with_attributes({"model": {"width": 8}}).model.width
    8
    """
    if isinstance(content, dict):
        return HyperParameters({key: with_attributes(value) for key, value in content.items()})
    return [with_attributes(each) for each in content] if isinstance(content, list) else content


def _yaml(text: str) -> Any:
    try:
        import yaml  # type: ignore[import-untyped,unused-ignore]
    except ImportError:
        raise LookupError("PyYAML is missing") from None
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
