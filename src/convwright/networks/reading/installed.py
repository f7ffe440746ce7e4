"""Tell installed packages from the user's own files."""

import os
import sysconfig

_ROOTS = tuple(os.path.join(sysconfig.get_path(name), "") for name in ("purelib", "platlib", "stdlib"))
_PACKAGES = ("site-packages", "dist-packages")


def is_installed(file: str) -> bool:
    """Return True for a file among the installed packages."""
    return file.startswith(_ROOTS) or any(f"{os.sep}{name}{os.sep}" in file for name in _PACKAGES)
