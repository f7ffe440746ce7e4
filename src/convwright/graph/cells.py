"""Cells of a notebook, whose code is read as one Python source: a numbered comment stands before each cell."""

import linecache
import os
import re
from typing import Any, NamedTuple

NOTEBOOK = ".ipynb"


class CellLine(NamedTuple):
    """A line of a notebook.

    Attributes
    ----------
    cell : int
        Number of its cell among all cells, those with text included; from 1.
    line : int
        Its number in the cell; from 1.

    Examples
    --------
    >>> str(CellLine(3, 4))
    'cell 3 line 4'
    """

    cell: int
    line: int

    def __str__(self) -> str:
        return f"cell {self.cell} line {self.line}"


def cell_mark(mark: str, cell: int) -> str:
    """Return the comment before the code of a cell; `mark` are as many # as no comment of the notebook has there."""
    return f"{mark} cell {cell}\n"


def mark_of(text: str) -> str:
    """Return the mark of a notebook's source, which its first line begins with."""
    return text.partition(" ")[0]


def cell_in(line: str, mark: str) -> int | None:
    """Return the number of the cell that begins below a line, if one does.

    >>> cell_in(cell_mark("##", 3), "##"), cell_in("# cell 3", "##")
    (3, None)
    """
    found = re.fullmatch(f"{re.escape(mark)} cell (\\d+)\n", line)
    return int(found[1]) if found else None


def cell_line(file: str, line: int) -> CellLine | None:
    """Return a line of a notebook's source as the notebook shows it; None for a file that is no notebook."""
    lines = linecache.getlines(file) if file.endswith(NOTEBOOK) else []
    mark = mark_of(lines[0]) if lines else ""
    for above in range(min(line, len(lines)), 1, -1):
        cell = cell_in(lines[above - 1], mark)
        if cell is not None:
            return CellLine(cell, line - above)
    return None


def shown_path(file: str) -> str:
    """Return a path without the current folder, or without that of the installed packages."""
    return file.rpartition(f"{os.sep}site-packages{os.sep}")[2].removeprefix(os.path.join(os.getcwd(), ""))


def location_words(file: str, line: int, cell: CellLine | None) -> str:
    """Return a line of a file as people read it.

    >>> location_words("net.py", 4, None), location_words("net.ipynb", 41, CellLine(3, 4))
    ('net.py:4', 'net.ipynb cell 3 line 4')
    """
    return f"{file} {cell}" if cell else f"{file}:{line}"


def location_dict(file: str, line: int, cell: CellLine | None) -> dict[str, Any]:
    """Return a line of a file as plain values; that of a notebook with its cell, and counted in it."""
    return {"file": file, "cell": cell.cell, "line": cell.line} if cell else {"file": file, "line": line}
