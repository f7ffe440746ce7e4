"""Files of a folder that may have a network: those that git lists, or all but hidden and installed ones."""

import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path

from ..errors import ConvwrightError
from ..networks.reading.installed import is_source_file

# What no file with a network does without: the names of torch and of libraries of its modules, or `nn.Module`.
_NETWORK_WORDS = re.compile(rb"torch|timm|lightning|convwright|\bModule\b")
_SKIPPED = ("__pycache__", "site-packages", "node_modules")


def files_in(folder: str, exclude: Iterable[str] = ()) -> list[str]:
    """Return the Python files and notebooks of a folder, sorted, as paths from the current folder.

    Parameters
    ----------
    folder : str
        In a git repository, files that git ignores are left out.
    exclude : iterable of str
        Patterns such as `tests/*`, `*_old.py` or `build`: of paths from the current folder, or of the name of a file
        or folder.

    Raises
    ------
    ConvwrightError
        When there is no such file.
    """
    patterns = [pattern.rstrip("/") for pattern in exclude]
    listed = _listed_by_git(folder)
    found = _walked(Path(folder)) if listed is None else listed
    paths = (os.path.normpath(os.path.join(folder, name)) for name in found if is_source_file(name))
    files = sorted(path for path in set(paths) if os.path.isfile(path) and not _is_excluded(path, patterns))
    if not files:
        raise ConvwrightError(f"{folder} has no Python file and no notebook", expected="one that is not excluded")
    return files


def may_have_network(file: str) -> bool:
    """Return False for a file that can have no network, by a look at its text; True for one that cannot be read.

    >>> may_have_network("no_such_file.py")
    True
    """
    try:
        return bool(_NETWORK_WORDS.search(Path(file).read_bytes()))
    except OSError:
        return True


def _is_excluded(path: str, patterns: Iterable[str]) -> bool:
    parts = Path(path).parts
    begins = ["/".join(parts[:number]) for number in range(1, len(parts) + 1)]
    return any(fnmatch(text, pattern) for pattern in patterns for text in (*begins, *parts))


def _listed_by_git(folder: str) -> list[str] | None:
    """Return the files that git tracks or does not ignore, as paths from `folder`; None outside a repository."""
    command = ["git", "-C", folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - a list of words, no shell
    except OSError:
        return None
    return None if done.returncode else os.fsdecode(done.stdout).split("\0")


def _walked(folder: Path) -> Iterator[str]:
    for here, folders, names in os.walk(folder):
        folders[:] = [
            name
            for name in folders
            if not name.startswith(".") and name not in _SKIPPED and not (Path(here) / name / "pyvenv.cfg").exists()
        ]
        yield from (os.path.relpath(os.path.join(here, name), folder) for name in names)
