"""Tell installed packages from the user's own files."""

import os
import sysconfig
from pathlib import Path

from ...graph.cells import NOTEBOOK

_ROOTS = tuple(os.path.join(sysconfig.get_path(name), "") for name in ("purelib", "platlib", "stdlib"))
_PACKAGES = ("site-packages", "dist-packages")
_OURS = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(__file__))), "")


def is_source_file(name: str) -> bool:
    """Return True for the name of a file that holds a user's Python: a Python file, or a notebook.

    >>> is_source_file("models/net.py"), is_source_file("net.ipynb"), is_source_file("package.module")
    (True, True, False)
    """
    return name.endswith((".py", NOTEBOOK))


def is_installed(file: str) -> bool:
    """Return True for a file among the installed packages."""
    return file.startswith(_ROOTS) or any(f"{os.sep}{name}{os.sep}" in file for name in _PACKAGES)


def installed_module(file: str) -> str:
    """Return the name by which a file of an installed package is imported; "" for any other file.

    >>> import torch
    >>> installed_module(torch.nn.functional.__file__), installed_module(torch.nn.__file__), installed_module("net.py")
    ('torch.nn.functional', 'torch.nn', '')
    """
    marks = [f"{os.sep}{name}{os.sep}" for name in _PACKAGES]
    roots = [root for root in _ROOTS if file.startswith(root)]
    roots += [file[: file.index(mark) + len(mark)] for mark in marks if mark in file]
    if not roots:
        return ""
    names = Path(file.removeprefix(max(roots, key=len))).with_suffix("").parts
    names = names[:-1] if names[-1] == "__init__" else names
    return ".".join(names) if names and all(map(str.isidentifier, names)) else ""


def is_ours(file: str) -> bool:
    """Return True for a file of this package."""
    return file.startswith(_OURS)


def is_users(file: str) -> bool:
    """Return True for a file of the user's: neither installed, nor part of this package or of Python itself.

    >>> is_users("net.py"), is_users(os.__file__), is_users("<frozen importlib._bootstrap>"), is_users(__file__)
    (True, False, False, False)
    """
    return not is_installed(file) and not is_ours(file) and not file.startswith("<frozen")
