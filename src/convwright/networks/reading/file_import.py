"""Import a user's file or package, and say which of its lines failed."""

import ast
import importlib
import importlib.util
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from contextvars import ContextVar
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from ...errors import ConvwrightError, unknown
from ...graph.call_sites import recorded_call_sites
from ...graph.places import place_at
from .edited import is_edited, source_data, source_text
from .import_cycle import cycle_words
from .installed import installed_module, is_installed, is_source_file, is_users
from .left_out import LeftOut, explain
from .reader import TARGET, FileReader, file_reader, package_of


class LoadedFile(NamedTuple):
    """A file that was loaded, and what its reader noted meanwhile.

    Attributes
    ----------
    module : ModuleType
        Its module.
    modules : dict of str to ModuleType
        Modules that it imported and that were read.
    left_out : tuple of LeftOut
        Statements that were not run.
    notes : tuple of str
        What was not fetched, loaded or moved.
    """

    module: ModuleType
    modules: dict[str, ModuleType]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]


# Files that were loaded since `fresh_imports`, by path and whether all of them ran; None outside.
_LOADED: ContextVar[dict[tuple[Path, bool], LoadedFile] | None] = ContextVar("loaded files", default=None)


def load_file(source: str, reader: FileReader | None = None) -> ModuleType:
    """Import a file anew, or once in `fresh_imports`; its own folder is first in the path, as for `python file.py`.

    Only its definitions run, unless `reader`, which must be active, says otherwise.

    Raises
    ------
    ConvwrightError
        When it is missing, or fails.
    """
    path = Path(source).resolve()
    if not path.is_file():
        near = (
            sorted(os.path.relpath(file) for file in path.parent.iterdir() if is_source_file(file.name))
            if path.parent.is_dir()
            else []
        )
        raise unknown("file", source, near)
    if reader is None:
        with file_reader(source) as reader:
            return load_file(source, reader)
    known, key = _LOADED.get(), (path, reader.run_all)
    if known is not None and key in known:
        return _reused(known[key], reader)
    module = _load(source, path, reader)
    if known is not None:
        known[key] = LoadedFile(module, dict(reader.loaded), tuple(reader.left_out), tuple(reader.guard.notes))
    return module


def _reused(file: LoadedFile, reader: FileReader) -> ModuleType:
    """Let `reader` know what it would, had it loaded the file."""
    for entry in file.left_out:
        reader.note(entry)
    for sentence in file.notes:
        reader.guard.note(sentence)
    reader.loaded.update(file.modules)
    for name, module in file.modules.items():
        sys.modules.setdefault(name, module)
    return file.module


def _load(source: str, path: Path, reader: FileReader) -> ModuleType:
    name = installed_module(os.fspath(path))
    try:
        if name and not is_edited(os.fspath(path)):  # it was written to be imported, and others may have imported it
            with suppress(ModuleNotFoundError):  # what a package lacks is no reason not to read it
                return importlib.import_module(name)
        name = _name_in_package(path) or f"{TARGET}{path.stem}"
        folders = [os.fspath(path.parent)] if path.stem == "__init__" else None
        spec = reader.spec(name, os.fspath(path), folders)
        if spec is None or spec.loader is None:
            raise ConvwrightError(source, expected="a Python file or a notebook")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    except ConvwrightError:
        sys.modules.pop(name, None)
        raise
    except (Exception, SystemExit) as error:
        sys.modules.pop(name, None)
        raise _does_not_import(source, error) from error
    return module


def _name_in_package(path: Path) -> str:
    """Return the dotted name of a file that imports relatively, its package imported; "" for any other file."""
    try:
        package = package_of(path, ast.parse(source_data(os.fspath(path))))
    except (SyntaxError, ValueError):
        return ""  # loading it says what is wrong
    if package is None:
        return ""
    name, root = package
    parent = name if path.stem == "__init__" else name.rpartition(".")[0]
    sys.path.insert(0, os.fspath(root))
    folders = getattr(importlib.import_module(parent), "__path__", ())
    return name if os.fspath(path.parent) in map(os.path.realpath, folders) else ""


def load_package(source: str, reader: FileReader | None = None) -> ModuleType:
    """Import a package's module, as `load_file` does a file; packages of the working folder are found.

    Raises
    ------
    ConvwrightError
        When it is missing, or fails; modules of it that were imported on the way are then forgotten.
    """
    if reader is None:
        with file_reader(source) as reader:
            return load_package(source, reader)
    before = set(sys.modules)
    try:
        return importlib.import_module(source)
    except ModuleNotFoundError as error:
        if error.name and source.split(".")[0] == error.name.split(".")[0]:
            raise ConvwrightError(f"there is no module {source}", hint="name a file as path/to/file.py") from None
        raise _does_not_import(source, error) from error
    except ConvwrightError:
        raise
    except (Exception, SystemExit) as error:
        raise _does_not_import(source, error) from error
    finally:
        if source not in sys.modules:
            for name in set(sys.modules) - before:
                if name.split(".")[0] == source.split(".")[0]:
                    del sys.modules[name]


def users_line(error: BaseException) -> str:
    """Return the deepest line of the traceback outside installed packages, with its place."""
    if isinstance(error, SyntaxError):
        return f"{(error.text or '').strip()!r} ({place_at(error.filename or '', error.lineno or 0)})"
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if is_users(frame.filename)]
    frame = own[-1] if own else frames[-1]
    return f"{frame.line!r} ({place_at(frame.filename, frame.lineno or 0)})"


def users_place(file: str, line: int) -> str:
    """Return a line of a user's file with its place; "" for a line of anything else."""
    if file.startswith("<") or not is_users(file):
        return ""
    try:
        text = source_text(file).splitlines()[line - 1].strip()
    except (OSError, SyntaxError, ValueError, IndexError):
        text = ""
    return f"{text!r} ({place_at(file, line)})"


@contextmanager
def fresh_imports() -> Iterator[None]:
    """Import the user's modules as if for the first time, and each once; afterwards `sys.modules` is as it was.

    Where they build their networks is recorded.
    """
    before = {name: module for name, module in sys.modules.items() if _is_users(name, module)}
    for name in before:
        del sys.modules[name]
    token = _LOADED.set({})
    try:
        with recorded_call_sites():
            yield
    finally:
        _LOADED.reset(token)
        for name in [name for name, module in sys.modules.items() if _is_users(name, module)]:
            del sys.modules[name]
        sys.modules.update(before)


@contextmanager
def shared_imports() -> Iterator[None]:
    """Import the user's modules as `fresh_imports` does; inside one, what it has imported already is used."""
    with fresh_imports() if _LOADED.get() is None else nullcontext():
        yield


def imported_files() -> list[str]:
    """Return the files of the user's modules that are imported."""
    return [str(module.__file__) for name, module in [*sys.modules.items()] if _is_users(name, module)]


def _is_users(name: str, module: ModuleType) -> bool:
    """Return True for Python source that is neither installed nor part of this package or the running program."""
    file = getattr(module, "__file__", None)
    if not isinstance(file, str) or not is_source_file(file) or name == "__main__":
        return False
    return name.partition(".")[0] != __package__.partition(".")[0] and not is_installed(file)


def _does_not_import(source: str, error: BaseException) -> ConvwrightError:
    explained = explain(error)
    if explained is not None:
        return explained
    frames = reversed(traceback.extract_tb(error.__traceback__))
    words = cycle_words(error, ((frame.filename, frame.lineno or 0) for frame in frames if frame.name == "<module>"))
    return ConvwrightError(
        f"{source} does not import: {type(error).__name__}: {words or error}",
        got=users_line(error),
        hint="" if words else "run it by itself",
    )
