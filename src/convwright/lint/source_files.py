"""The user's files: read as edited so far, compared, checked, and written whole or not at all."""

import difflib
import os
import sysconfig
from collections.abc import Mapping
from pathlib import Path

from ..errors import ConvwrightError

Texts = Mapping[str, str]  # the text of files that were edited, by absolute path


def diff(texts: Texts) -> str:
    """What would change on disk, as a unified diff."""
    parts: list[str] = []
    for file, text in sorted(texts.items()):
        name = os.path.relpath(file)
        old, new = (each.splitlines(keepends=True) for each in (Path(file).read_text(), text))
        parts += difflib.unified_diff(old, new, fromfile=name, tofile=name)
    return "".join(parts)


def write(texts: Texts, originals: Texts) -> None:
    """Put the texts on disk, each file whole or not at all.

    Raises
    ------
    ConvwrightError
        When a file is no longer what it was when it was linted; then none is written.
    """
    for file in texts:
        if Path(file).read_text() != originals[file]:
            raise ConvwrightError(f"{file} was changed meanwhile", hint="nothing was written; run it again")
    for file, text in texts.items():
        partial = Path(file).with_name(f".{Path(file).name}.partial")
        partial.write_text(text)
        partial.chmod(Path(file).stat().st_mode)
        os.replace(partial, file)


def read(file: str, texts: Texts) -> str:
    """The text of a file as edited so far."""
    return texts[file] if file in texts else Path(file).read_text()


def check_editable(file: str, *, installed: bool) -> None:
    """Raise `ConvwrightError` for a file that must not, or cannot, be edited."""
    path = Path(file)
    if not path.is_file():
        raise ConvwrightError(f"{file} is no file", hint="what exec made can only be fixed where its text comes from")
    if not installed and is_installed(file):
        raise ConvwrightError(f"{file} belongs to an installed package", hint="add --edit-installed if you mean it")
    if not path.stat().st_mode & 0o222 or not os.access(path, os.W_OK):
        raise ConvwrightError(f"{file} is read-only", hint=f"chmod u+w {file}")


def is_installed(file: str) -> bool:
    """Whether a file lies among the installed packages."""
    roots = {sysconfig.get_path(name) for name in ("purelib", "platlib", "stdlib")}
    return any(file.startswith(os.path.join(root, "")) for root in roots) or "site-packages" in Path(file).parts
