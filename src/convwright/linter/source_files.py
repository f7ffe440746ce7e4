"""The user's files: read as edited so far, compared, checked, and written whole or not at all."""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path

from ..errors import ConvwrightError
from ..files import write_files
from ..networks.reading.edited import file_content, source_text
from ..networks.reading.installed import is_installed
from ..networks.reading.json_lines import lines_of
from ..networks.reading.notebook import cells_of, is_notebook

Texts = Mapping[str, str]  # the text of files that were edited, by absolute path


_NO_NEWLINE = "\\ No newline at end of file\n"


class SourceFiles:
    """The files as they were when first read; what is edited is compared with that, and written only over that."""

    def __init__(self) -> None:
        self._originals: dict[str, str] = {}

    def original(self, file: str) -> str:
        """The text of a file when it was first asked for."""
        if file not in self._originals:
            self._originals[file] = _read(file)
        return self._originals[file]

    def diff(self, texts: Texts) -> str:
        """Return the edits as a unified diff; that of a notebook cell by cell."""
        parts: list[str] = []
        for file, text in sorted(texts.items()):
            name = os.path.relpath(file)
            if not is_notebook(file):
                parts += _diff(self.original(file), text, name)
                continue
            for (number, old), (_, new) in zip(cells_of(self.original(file)), cells_of(text), strict=True):
                parts += _diff(f"{old}\n", f"{new}\n", f"{name} cell {number}")
        return "".join(parts)

    def write(self, texts: Texts) -> None:
        """Write the texts: all of them, or none.

        Raises
        ------
        ConvwrightError
            When a file is no longer what it was when it was read; or one cannot be written; then none is.
        """
        for file in texts:
            if not os.path.exists(file) or _read(file) != self.original(file):
                raise ConvwrightError(f"{file} was changed meanwhile", hint="nothing was written; run it again")
            if not os.stat(file).st_mode & 0o222 or not os.access(file, os.W_OK):
                raise ConvwrightError(f"{file} is read-only", hint=f"nothing was written; chmod u+w {file}")
        contents = {Path(file): file_content(file, text) for file, text in texts.items()}
        write_files(contents, hint="nothing was written", is_durable=True)


def _diff(old: str, new: str, name: str) -> list[str]:
    """Return the lines of a unified diff."""
    lines = difflib.unified_diff(lines_of(old), lines_of(new), fromfile=name, tofile=name)
    return [line if line.endswith(("\n", "\r")) else f"{line}\n{_NO_NEWLINE}" for line in lines]


def _read(file: str) -> str:
    try:
        return source_text(file)
    except (OSError, SyntaxError, UnicodeDecodeError) as error:
        raise ConvwrightError(f"{file} cannot be read: {error}") from error


def check_editable(file: str, *, installed: bool) -> None:
    """Raise `ConvwrightError` for a file whose text must not change."""
    path = Path(file)
    if not path.is_file():
        raise ConvwrightError(f"{file} is no file", hint="what exec made can only be fixed where its text comes from")
    if not installed and is_installed(file):
        raise ConvwrightError(f"{file} belongs to an installed package", hint="add --edit-installed if you mean it")
