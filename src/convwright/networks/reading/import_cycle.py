"""Import cycles: a module that imports another which needs a name of it that is not there yet."""

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import FrameType

from ...graph.places import place_at

Line = tuple[str, int]  # file and line

_WORDS = re.compile(  # Python's own, of an import and of an attribute
    r"(cannot import name '(?P<name>\w+)' from )?partially initialized module '(?P<module>[\w.]+)'"
    r"( has no attribute '(?P<attribute>\w+)')?"
)


def cycle_words(error: BaseException, imports: Iterable[Line]) -> str:
    """Return what is missing for an import cycle, and the lines of the cycle; "" for any other error.

    Parameters
    ----------
    error : BaseException
        What an import, or the use of a module, raised.
    imports : iterable of Line
        The line that raised it, then those of the imports that led there, the innermost first.
    """
    found = _WORDS.search(str(error)) if isinstance(error, ImportError | AttributeError) else None
    if found is None:
        return ""
    lines: list[Line] = []
    for file, line in imports:
        lines.insert(0, (file, line))
        path = Path(file)
        if (path.parent.name if path.stem == "__init__" else path.stem) == found["module"].rpartition(".")[2]:
            break
    else:
        return ""
    places = [place_at(*each) for each in lines]
    first = places[0].shown_file
    steps = " -> ".join([*map(str, places), first])
    name = found["name"] or found["attribute"]
    return f"{first} does not define {name} yet, since its line {places[0].line} begins an import cycle ({steps})"


def running_imports() -> Iterator[Line]:
    """Yield the lines of modules that are being imported now, the innermost first."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_name == "<module>":
            yield frame.f_code.co_filename, frame.f_lineno
        frame = frame.f_back
