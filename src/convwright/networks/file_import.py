"""Import a user's file or package, and say which of its lines failed."""

import importlib
import importlib.util
import os
import sys
import sysconfig
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from ..errors import ConvwrightError, unknown
from .edited import EditedLoader

_ROOTS = tuple(os.path.join(sysconfig.get_path(name), "") for name in ("purelib", "platlib", "stdlib"))
_PACKAGES = ("site-packages", "dist-packages")


def load_file(source: str) -> ModuleType:
    """Import a file anew, its own folder first in the path as for `python path/to/file.py`.

    Raises
    ------
    ConvwrightError
        When it is missing, or fails.
    """
    path = Path(source).resolve()
    if not path.is_file():
        near = sorted(os.path.relpath(file) for file in path.parent.glob("*.py")) if path.parent.is_dir() else []
        raise unknown("file", source, near)
    name = f"convwright_target_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path, loader=EditedLoader(name, os.fspath(path)))
    if spec is None or spec.loader is None:
        raise ConvwrightError(source, expected="a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, os.fspath(path.parent))
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise _does_not_import(source, error) from error
    finally:
        sys.path.remove(os.fspath(path.parent))
    return module


def load_package(source: str) -> ModuleType:
    """Import a package's module; packages of the working folder are found.

    Raises
    ------
    ConvwrightError
        When it is missing, or fails; modules of it that were imported on the way are then forgotten.
    """
    before = set(sys.modules)
    sys.path.insert(0, os.getcwd())
    try:
        return importlib.import_module(source)
    except ModuleNotFoundError as error:
        if error.name and source.split(".")[0] == error.name.split(".")[0]:
            raise ConvwrightError(f"there is no module {source}", hint="name a file as path/to/file.py") from None
        raise _does_not_import(source, error) from error
    except (Exception, SystemExit) as error:
        raise _does_not_import(source, error) from error
    finally:
        sys.path.remove(os.getcwd())
        if source not in sys.modules:
            for name in set(sys.modules) - before:
                if name.split(".")[0] == source.split(".")[0]:
                    del sys.modules[name]


def users_line(error: BaseException) -> str:
    """Return the deepest line of the traceback outside installed packages, with its place."""
    if isinstance(error, SyntaxError):
        return f"{(error.text or '').strip()!r} ({error.filename}:{error.lineno})"
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "site-packages" not in frame.filename and "importlib" not in frame.filename]
    frame = own[-1] if own else frames[-1]
    return f"{frame.line!r} ({frame.filename}:{frame.lineno})"


@contextmanager
def fresh_imports() -> Iterator[None]:
    """Import the user's modules as if for the first time; afterwards `sys.modules` is as it was."""
    before = {name: module for name, module in sys.modules.items() if _is_users(name, module)}
    for name in before:
        del sys.modules[name]
    try:
        yield
    finally:
        for name in [name for name, module in sys.modules.items() if _is_users(name, module)]:
            del sys.modules[name]
        sys.modules.update(before)


def is_installed(file: str) -> bool:
    """Return True for a file among the installed packages."""
    return file.startswith(_ROOTS) or any(f"{os.sep}{name}{os.sep}" in file for name in _PACKAGES)


def _is_users(name: str, module: ModuleType) -> bool:
    """Return True for Python source that is neither installed nor part of this package or the running program."""
    file = getattr(module, "__file__", None)
    if not isinstance(file, str) or not file.endswith(".py") or name == "__main__":
        return False
    return name.partition(".")[0] != __package__.partition(".")[0] and not is_installed(file)


def _does_not_import(source: str, error: BaseException) -> ConvwrightError:
    return ConvwrightError(
        f"{source} does not import: {type(error).__name__}: {error}", got=users_line(error), hint="run it by itself"
    )
