"""Inputs that the files around a network name: its own, that of its class, and those near it that build it."""

import linecache
import re
from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from torch import nn

from ...errors import ConvwrightError
from ..inputs.input_guess import InputGuess
from ..inputs.network_input import positional_names
from ..reading.edited import source_text
from ..reading.installed import is_installed, is_source_file
from .input_shapes import InputShapes
from .repository import Repository
from .source_file import SourceFile
from .values import Values

_MOST_OTHERS = 40


def named_inputs(module: nn.Module, source: str, factory: str) -> Iterator[InputGuess]:
    """Yield the inputs that the files of a network name, the strongest first.

    Parameters
    ----------
    module : nn.Module
        The network.
    source : str
        The file that it was opened from; a package is known by the file of the network's class.
    factory : str
        The name that it was opened by.
    """
    names, parameters = {factory, type(module).__name__}, positional_names(module)
    code = getattr(getattr(type(module), "forward", None), "__code__", None)  # a class of TorchScript has none
    named = [Path(source).resolve()] if is_source_file(source) else []
    others = [Path(code.co_filename).resolve()] if code is not None else []
    files = dict.fromkeys([*named, *filter(_is_users, others)])  # a file that was named counts, whatever it is
    for path in files:
        text = _text(path)
        own = _source(path, text, _namespace_of(module, path))
        if own is None:
            continue
        values = Values(Repository(own))
        yield from InputShapes(own, text, values, names, parameters).guesses()
        if is_installed(str(path)):
            continue
        for other in islice(values.repository.others, _MOST_OTHERS):
            beside = _text(other) if other not in files else ""
            found = _source(other, beside) if _uses(beside, path, names) else None
            if found is not None:
                yield from InputShapes(found, beside, values, names, parameters).guesses()


def _uses(text: str, path: Path, names: Collection[str]) -> bool:
    """Return True if a text imports from a file, or its package, and has one of these names."""
    modules = "|".join(map(re.escape, (path.stem, path.parent.name)))
    has_import = re.search(rf"^\s*(from|import)\b.*\b({modules})\b", text, re.MULTILINE)
    return has_import is not None and any(re.search(rf"\b{re.escape(name)}\b", text) for name in names)


def _is_users(path: Path) -> bool:
    return is_source_file(path.name) and not path.is_relative_to(Path(nn.__file__).parents[1])


def _text(path: Path) -> str:
    """Return the text of a file, edited or not."""
    linecache.checkcache(str(path))
    try:
        text = "".join(linecache.getlines(str(path))) if str(path) in linecache.cache else source_text(str(path))
    except (OSError, SyntaxError, UnicodeDecodeError, ConvwrightError):
        return ""
    return text.removeprefix("\ufeff")


def _namespace_of(module: nn.Module, path: Path) -> Mapping[str, Any] | None:
    """Return the names of the file that the network's class is in, if it is this one."""
    namespace = getattr(getattr(type(module), "forward", None), "__globals__", {})
    return namespace if namespace.get("__file__") == str(path) else None


def _source(path: Path, text: str, namespace: Mapping[str, Any] | None = None) -> SourceFile | None:
    try:
        return SourceFile(path, text, namespace) if text else None
    except (SyntaxError, ValueError, RecursionError):
        return None
