"""Read a user's files before they are run: only their definitions run, and nothing else of the process changes."""

import __future__

import ast
import builtins
import io
import os
import sys
import tokenize
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import spec_from_file_location
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import IO, Any
from weakref import WeakValueDictionary

from ...graph.cells import mark_of
from ..guards.guard import NetworkGuard
from ..guards.isolation import active_guard, isolated
from ..guards.silence import silent
from ..guards.unwritten_files import opened
from .definition_runner import DefinitionRunner
from .edited import EditedLoader, keep_lines
from .installed import is_installed, is_source_file
from .ipython import NAMES, original_line
from .json_lines import lines_of
from .left_out import LeftOut
from .notebook import is_notebook
from .written_cells import WrittenCell, written_cells

TARGET = "convwright_target_"
_MARKS = (".git", "pyproject.toml", "setup.py", "setup.cfg", "requirements.txt")


class FileReader(MetaPathFinder):
    """Finder of the user's modules, which reads them for their definitions.

    Parameters
    ----------
    run_all : bool
        True runs every statement, as Python would.

    Attributes
    ----------
    source : str or None
        File or module that it was last active for.
    left_out : list of LeftOut
        Statements that were not run so far.
    loaded : mapping of str to module
        Modules that were read, by name; without those that only `load_file` knows.
    guard : NetworkGuard
        Notes of calls that were kept from fetching, loading or moving to a GPU.
    """

    def __init__(self, *, run_all: bool = False) -> None:
        self.run_all = run_all
        self.source: str | None = None
        self.left_out: list[LeftOut] = []
        self.loaded: WeakValueDictionary[str, ModuleType] = WeakValueDictionary()
        self.guard = NetworkGuard()

    def note(self, entry: LeftOut) -> None:
        """Keep a statement that was left out, once."""
        if entry not in self.left_out:
            self.left_out.append(entry)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module whose source lies in no installed package and not in this one."""
        if fullname.partition(".")[0] == __package__.partition(".")[0]:
            return None
        found = PathFinder.find_spec(fullname, path, target)
        if found is None and self.source is not None and is_notebook(self.source):
            return self._written(fullname, os.path.abspath(self.source))
        if found is None or found.origin is None or not is_source_file(found.origin) or is_installed(found.origin):
            return None
        return self.spec(fullname, found.origin, found.submodule_search_locations)

    def _written(self, name: str, notebook: str) -> ModuleSpec | None:
        """Return how to load a module, or a folder of modules, that is not on disk but written by a cell."""
        path = PurePosixPath(*name.split("."))
        cells = written_cells(EditedLoader(name, notebook).get_data(notebook).decode())
        if any(path in each.parents for each in cells):
            spec = ModuleSpec(name, None, is_package=True)
            spec.submodule_search_locations = [os.path.join(os.path.dirname(notebook), path)]
            return spec
        cell = cells.get(path.with_suffix(".py"))
        if cell is None:
            return None
        file = os.path.join(os.path.dirname(notebook), path.with_suffix(".py"))
        return spec_from_file_location(name, file, loader=WrittenCellLoader(name, file, self, notebook, cell))

    def put_aside(self, others: Container[str]) -> None:
        """Give the names of modules that were read free again, for imports that want them whole.

        Parameters
        ----------
        others : container of str
            Names of modules that were there before.
        """
        for name in [*self.loaded]:
            while name := name.rpartition(".")[0]:  # a package without a file of its own
                if name in sys.modules and name not in others:
                    self.loaded[name] = sys.modules[name]
        for name, module in self.loaded.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]
                # Its functions still look for it, when torch compiles them.
                module.__name__ = f"{name}, read by convwright"
                sys.modules[module.__name__] = module

    def imported(self, name: str, *context: Any, **named: Any) -> Any:
        """Import for a module that was read, now or when its functions run: it sees the others that were read."""
        if self in sys.meta_path or self.source is None:
            return builtins.__import__(name, *context, **named)
        with file_reader(self.source, reader=self):
            return builtins.__import__(name, *context, **named)

    def spec(self, name: str, file: str, folders: list[str] | None = None) -> ModuleSpec | None:
        """Return how to load a file under a name."""
        loader = DefinitionsLoader(name, file, self)
        return spec_from_file_location(name, file, loader=loader, submodule_search_locations=folders)


class DefinitionsLoader(EditedLoader):
    """Loader of one module, edited or not, for its definitions."""

    def __init__(self, fullname: str, path: str, reader: FileReader) -> None:
        super().__init__(fullname, path)
        self._reader, self._file = reader, path

    def exec_module(self, module: ModuleType) -> None:
        """Run the definitions of the module, or all of it; what it prints goes to stderr."""
        namespace = vars(module)
        namespace["__builtins__"] = {**vars(builtins), "print": _print}
        if not self._reader.run_all:
            namespace["__builtins__"] |= {"__import__": self._reader.imported, "open": _open}
        if is_notebook(self.path):
            self._notebook(namespace)
            return
        if self._reader.run_all:
            super().exec_module(module)
            return
        if not module.__name__.startswith(TARGET):
            self._reader.loaded[module.__name__] = module
        data = self.get_data(self.path)
        tree = ast.parse(data, filename=self.path)
        compile(tree, self.path, "exec", dont_inherit=True)  # finds what only the compiler refuses
        lines = io.TextIOWrapper(io.BytesIO(data), encoding=_encoding(data), errors="replace").readlines()
        self._define(tree, lines, namespace)

    def _notebook(self, namespace: dict[str, Any]) -> None:
        text = self.get_data(self.path).decode()
        keep_lines(self.path, text)
        namespace.update(NAMES)
        tree = ast.parse(text, filename=self.path)
        if self._reader.run_all:
            _run_cells(tree, self.path, namespace)
        else:
            self._define(tree, [original_line(line, mark_of(text)) for line in lines_of(text)], namespace)

    def _define(self, tree: ast.Module, lines: list[str], namespace: dict[str, Any]) -> None:
        with silent():
            DefinitionRunner(tree, file=self._file, lines=lines, namespace=namespace, note=self._reader.note).run()


class WrittenCellLoader(DefinitionsLoader):
    """Loader of a module that a cell of a notebook writes; its places are those of the cell."""

    def __init__(self, fullname: str, path: str, reader: FileReader, notebook: str, cell: WrittenCell) -> None:
        super().__init__(fullname, path, reader)
        self._file, self._cell = notebook, cell

    def get_data(self, path: str) -> bytes:
        """Return the code of the cell."""
        del path
        return self._cell.text.encode()

    def source_to_code(self, data: Any, path: Any, *, _optimize: int = -1) -> Any:  # type: ignore[override]
        """Compile the code, to run all of it."""
        tree = ast.increment_lineno(ast.parse(data, filename=path), self._cell.lines_before)
        return compile(tree, self._file, "exec", dont_inherit=True, optimize=_optimize)

    def _define(self, tree: ast.Module, lines: list[str], namespace: dict[str, Any]) -> None:
        ast.increment_lineno(tree, self._cell.lines_before)
        super()._define(tree, [""] * self._cell.lines_before + lines, namespace)


def _run_cells(tree: ast.Module, file: str, namespace: dict[str, Any]) -> None:
    """Run all of a notebook; what a cell imports from `__future__` holds for what follows, as in IPython."""
    flags = 0
    for statement in tree.body:
        code = compile(ast.Module([statement], []), file, "exec", flags, dont_inherit=True)
        flags |= code.co_flags & __future__.annotations.compiler_flag
        exec(code, namespace)  # noqa: S102


@contextmanager
def file_reader(
    source: str, *, run_all: bool = False, reader: FileReader | None = None, is_tracing: bool = False
) -> Iterator[FileReader]:
    """While active, the user's modules are read for their definitions; `sys.path` and `sys.argv` are the file's.

    Unless all of the file runs, nothing is fetched or loaded, and nothing moves to a GPU; afterwards, modules that were
    read are out of the way of imports that want them whole.

    Parameters
    ----------
    source : str
        Path of a file, or name of a module.
    run_all : bool
        True runs every statement, as Python would.
    reader : FileReader, optional
        One that was active before.
    is_tracing : bool
        True where a network is traced, False where it is built.
    """
    reader = reader or FileReader(run_all=run_all)
    reader.source = source
    path, arguments = list(sys.path), list(sys.argv)
    sys.path[:0] = import_folders(Path(source).resolve()) if is_source_file(source) else [os.getcwd()]
    sys.argv[:] = [source]
    sys.meta_path.insert(0, reader)
    others = dict(sys.modules)
    sys.modules.update(reader.loaded)
    try:
        with nullcontext() if reader.run_all else isolated(reader.guard, is_tracing=is_tracing):
            yield reader
    finally:
        whole = {name: others[name] for name in reader.loaded if name in others}
        reader.put_aside(others)
        sys.modules.update(whole)
        sys.meta_path.remove(reader)
        sys.argv[:] = arguments
        sys.path[:] = path


def package_of(file: Path, tree: ast.Module) -> tuple[str, Path] | None:
    """Return the dotted name and the root's parent of a file that imports relatively; None for one that does not."""
    levels = [part.level for part in ast.walk(tree) if isinstance(part, ast.ImportFrom)]
    level = max(levels, default=0)
    if not level:
        return None
    names, folder = [] if file.stem == "__init__" else [file.stem], file.parent
    while level > 0 or (folder / "__init__.py").is_file():
        if folder == folder.parent:
            return None
        names.insert(0, folder.name)
        folder, level = folder.parent, level - 1
    return ".".join(names), folder


def import_folders(file: Path) -> list[str]:
    """Return the folders that a file's imports are searched in: its own, then the top of its repository."""
    tops = (folder for folder in file.parents if any((folder / mark).exists() for mark in _MARKS))
    return list(dict.fromkeys([os.fspath(file.parent), *map(os.fspath, [*tops][:1])]))


def _encoding(data: bytes) -> str:
    return tokenize.detect_encoding(io.BytesIO(data).readline)[0]


def _open(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> IO[Any]:
    """Open a file; while a network is built or traced, none is written."""
    return opened(active_guard(), builtins.open, file, mode, *args, **kwargs)


def _print(*values: object, **options: Any) -> None:
    """Print to stderr, unless told otherwise: the output of a command is for its results."""
    file = options.pop("file", None)
    print(*values, **options, file=sys.stderr if file in (None, sys.stdout) else file)
