"""Python files that the cells of a notebook write by `%%writefile`; imports find them there."""

import re
from pathlib import PurePosixPath
from typing import NamedTuple

from .notebook import cells_of

_MAGIC = re.compile(r"\s*%%(?:write)?file[ \t]+(\S+\.py)[ \t]*(?:\r?\n|$)")


class WrittenCell(NamedTuple):
    """Code of a cell that writes a file.

    Attributes
    ----------
    text : str
        The code, with an empty line in place of the magic.
    lines_before : int
        Number of lines of the notebook's Python source before it.
    """

    text: str
    lines_before: int


def written_cells(text: str) -> dict[PurePosixPath, WrittenCell]:
    """Return the cells that write a Python file, by its path; of those that write the same, the last.

    Parameters
    ----------
    text : str
        The notebook's Python source.
    """
    found: dict[PurePosixPath, WrittenCell] = {}
    before = 1  # a line that says that it is a notebook
    for number, code in cells_of(text):
        if not number:
            continue
        before += 1  # a line that names the cell
        if magic := _MAGIC.match(code):
            lines = "\n" * code.count("\n", 0, magic.end())
            found[PurePosixPath(magic[1])] = WrittenCell(lines + code[magic.end() :], before)
        before += code.count("\n") + 1
    return found
