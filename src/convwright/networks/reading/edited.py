"""Import a user's files as if they had been edited, without touching the disk."""

import io
import linecache
import sys
import tokenize
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import NoReturn

from ...graph.construction import forget_sources
from .notebook import is_notebook, read_notebook

_TEXTS: ContextVar[Mapping[str, str]] = ContextVar("texts of files as edited", default=MappingProxyType({}))


def encoded(text: str) -> bytes:
    """Return the bytes of a Python file, in the encoding that it declares; its line ends are kept."""
    # A byte order mark is read, and so written, as a character of its own.
    lines = iter(text.encode(errors="replace").splitlines(keepends=True))
    encoding, _ = tokenize.detect_encoding(lambda: next(lines, b""))
    return text.encode("utf-8" if encoding == "utf-8-sig" else encoding)


def decoded(data: bytes) -> str:
    """Return the text of a Python file, in the encoding that it declares, with its line ends and byte order mark."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    return data.decode("utf-8" if encoding == "utf-8-sig" else encoding)


def source_text(file: str) -> str:
    """Return the Python source of a file: its text, or the code of a notebook.

    Raises
    ------
    ConvwrightError
        When it is a notebook that cannot be read as one.
    """
    data = Path(file).read_bytes()
    return read_notebook(data, file).text if is_notebook(file) else decoded(data)


def source_data(file: str) -> bytes:
    """Return what the compiler takes of a file: its bytes, or the code of a notebook.

    Raises
    ------
    ConvwrightError
        When it is a notebook that cannot be read as one.
    """
    return source_text(file).encode() if is_notebook(file) else Path(file).read_bytes()


def file_content(file: str, text: str) -> bytes:
    """Return the bytes of a file whose Python source is edited to `text`; all else of a notebook is as on disk.

    Raises
    ------
    ConvwrightError
        When a notebook cannot be edited so.
    """
    return read_notebook(Path(file).read_bytes(), file).with_text(text) if is_notebook(file) else encoded(text)


def keep_lines(file: str, text: str) -> None:
    """Keep the lines of a source under the name of its file, for tracebacks and `inspect`."""
    lines = io.StringIO(text, newline=None).readlines()
    entry = linecache.cache.get(file)
    if entry is None or len(entry) == 1 or entry[2] != lines:
        linecache.cache[file] = (len(text), None, lines, file)
        forget_sources()


def is_edited(file: str) -> bool:
    """Return True for a file in whose place an edited text is used."""
    return file in _TEXTS.get()


class EditedLoader(SourceFileLoader):
    """Loads a file's edited text where there is one, and leaves bytecode caches alone.

    What is being edited is compiled each time: bytecode cached a moment ago may be of the same second and size.
    """

    def get_data(self, path: str) -> bytes:
        """Return the edited text, else what is on disk."""
        text = _TEXTS.get().get(path)
        if text is None:
            return source_data(path)
        return text.encode() if is_notebook(path) else encoded(text)

    def path_stats(self, path: str) -> NoReturn:
        """Refuse to give time and size, by which bytecode would be cached."""
        raise OSError(f"{path} is compiled anew each time")


class _EditedFinder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        found = PathFinder.find_spec(fullname, path, target)
        if found is None or found.origin is None or found.origin not in _TEXTS.get():
            return None
        return spec_from_file_location(
            fullname,
            found.origin,
            loader=EditedLoader(fullname, found.origin),
            submodule_search_locations=found.submodule_search_locations,
        )


@contextmanager
def edited(texts: Mapping[str, str]) -> Iterator[None]:
    """Use `texts` (absolute path to text) in place of files, in imports and source lines."""
    token, finder = _TEXTS.set(texts), _EditedFinder()
    lines = {file: linecache.cache.pop(file, None) for file in texts}
    for file, text in texts.items():
        keep_lines(file, text)
    forget_sources()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for file, entry in lines.items():
            linecache.cache.pop(file, None)
            if entry is not None:
                linecache.cache[file] = entry
        forget_sources()
        _TEXTS.reset(token)
