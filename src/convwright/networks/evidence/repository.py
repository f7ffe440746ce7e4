"""The files around a user's file: those of its repository, read when something refers to them."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

from ...errors import ConvwrightError
from ..reading.file_import import load_file
from ..reading.installed import is_installed, is_source_file
from ..reading.reader import FileReader, import_folders
from .settings_files import SUFFIXES
from .source_file import SourceFile

_MOST_FILES = 400
_MOST_SETTINGS_FILES = 40
_MOST_FOLDERS = 200
_MOST_BYTES = 400_000
_SKIPPED = {"build", "dist", "node_modules", "site-packages", "venv"}


class Repository:
    """A user's file and those around it.

    Parameters
    ----------
    main : SourceFile
        The file that was named, executed.
    reader : FileReader, optional
        Active reader, by which other files can be executed for their definitions; without it they are only read.

    Attributes
    ----------
    folders : list of Path
        Where its imports are searched: its own folder, then the top of its repository.
    """

    def __init__(self, main: SourceFile, reader: FileReader | None = None) -> None:
        self.main, self._reader = main, reader
        # An installed file has nothing to do with the repository that its environment happens to lie in.
        folders = [main.path.parent] if is_installed(str(main.path)) else import_folders(main.path)
        self.folders = [Path(folder) for folder in folders]
        self._files: dict[Path, SourceFile | None] = {main.path: main}

    def file(self, path: Path) -> SourceFile | None:
        """Return a Python file; None if it cannot be read."""
        path = Path(os.path.abspath(path))
        if path not in self._files:
            is_small = path.is_file() and path.stat().st_size <= _MOST_BYTES
            self._files[path] = SourceFile.read(path, _namespace_of(path)) if is_small else None
        return self._files[path]

    def module(self, name: str, level: int, importer: SourceFile) -> "ModuleType | SourceFile | None":
        """Return what `importer` gets for a module: a file of the repository, or a library that is loaded.

        Parameters
        ----------
        name : str
            Dotted name, as written in the import.
        level : int
            Number of dots before it.
        importer : SourceFile
            The file that imports it.
        """
        if level:
            folders = [importer.path.parents[level - 1]] if level <= len(importer.path.parents) else []
        else:
            folders = [importer.path.parent, *self.folders]
        for folder in folders:
            path = folder.joinpath(*name.split(".")) if name else folder
            for candidate in (path.with_suffix(".py"), path / "__init__.py"):
                found = self.file(candidate) if name or candidate.stem == "__init__" else None
                if found is not None:
                    return found
        return None if level else sys.modules.get(name)

    def data_folders(self, source: SourceFile) -> list[Path]:
        """Return the folders that paths in `source` may be relative to."""
        return list(dict.fromkeys([source.path.parent, *self.folders]))

    def execute(self, source: SourceFile) -> Mapping[str, Any]:
        """Run the definitions of a file that was only read so far; an empty namespace if that fails."""
        if source.namespace is None:
            try:
                source.namespace = vars(load_file(str(source.path), self._reader)) if self._reader else {}
            except ConvwrightError:
                source.namespace = {}
        return source.namespace

    @cached_property
    def others(self) -> list[Path]:
        """The other Python files and notebooks, nearest first; at most a few hundred."""
        found: dict[str, Path] = {}  # texts compare faster than paths
        for folder in dict.fromkeys(self.folders):
            for path in _files_below(folder, is_source_file):
                found.setdefault(os.fspath(path), path)
                if len(found) > _MOST_FILES:
                    break
        return [path for path in found.values() if path != self.main.path][:_MOST_FILES]

    @cached_property
    def settings_files(self) -> list[Path]:
        """The files of settings, nearest first; at most a few dozen."""
        found = (path for folder in self.folders for path in _files_below(folder, lambda name: name.endswith(SUFFIXES)))
        return list(dict.fromkeys(islice(found, _MOST_SETTINGS_FILES)))


def _files_below(top: Path, is_wanted: Callable[[str], bool]) -> Iterator[Path]:
    """Yield the files below a folder whose names are wanted, by depth; not of hidden folders, virtual environments."""
    level, num_folders = [top], 0
    while level and num_folders < _MOST_FOLDERS:
        inner: list[Path] = []
        num_folders += len(level)
        for folder in level[:_MOST_FOLDERS]:
            try:
                entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
            except OSError:
                continue
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    is_skipped = entry.name.startswith(".") or entry.name in _SKIPPED
                    inner += [] if is_skipped or os.path.exists(f"{entry.path}/pyvenv.cfg") else [Path(entry.path)]
                elif is_wanted(entry.name):
                    yield Path(entry.path)
        level = inner


def _namespace_of(path: Path) -> Mapping[str, Any] | None:
    """Return the names of a file that is imported already."""
    for module in list(sys.modules.values()):
        if getattr(module, "__file__", None) == str(path):
            return vars(module)
    return None
