"""Tell installed packages from the user's own files."""

import os
import sysconfig

from ...graph.cells import NOTEBOOK

_ROOTS = tuple(os.path.join(sysconfig.get_path(name), "") for name in ("purelib", "platlib", "stdlib"))
_PACKAGES = ("site-packages", "dist-packages")


def is_source_file(name: str) -> bool:
    """Return True for the name of a file that holds a user's Python: a Python file, or a notebook.

    >>> is_source_file("models/net.py"), is_source_file("net.ipynb"), is_source_file("package.module")
    (True, True, False)
    """
    return name.endswith((".py", NOTEBOOK))


def is_installed(file: str) -> bool:
    """Return True for a file among the installed packages."""
    return file.startswith(_ROOTS) or any(f"{os.sep}{name}{os.sep}" in file for name in _PACKAGES)
