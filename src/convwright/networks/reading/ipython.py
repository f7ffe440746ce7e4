"""IPython's syntax in the cells of a notebook: passed over, without disturbing the lines.

A line that is for IPython becomes a call of `magic_line`, which is left out as what does work is; the names that it
binds are known. The line itself stays behind it as a comment.
"""

import ast
import json
import keyword
import re
import warnings
from collections.abc import Iterable, Sequence
from typing import Any

from .definitions import bound_names

# Cell magics that run the cell in the notebook's namespace; that of any other is another language, or a file.
_RUN_THE_CELL = {"%%capture", "%%prun", "%%time", "%%wandb"}
_LINE = re.compile(r"\s*[%!?]|[^#]*\?\s*$")
_ASSIGNMENT = re.compile(r"(\s*)([\w.\[\]'\", *()]+?)\s*=\s*[%!]")
_TIMED = re.compile(r"(\s*)%time\s+(.+)")
_BINDING = re.compile(r"(?:async\s+def|def|class)\s+(\w+)|(\w+)\s*(?::[^=]*)?=(?!=)")
_MAGIC = "__magic_line__()"
_REFUSALS = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)


def python_lines(lines: Sequence[str]) -> dict[int, str]:
    """Return the statements that stand in for lines of a cell that are no Python, by index from 0.

    The statement is "" for a line that only a comment stands in for. Of a cell that is no Python, even so, nothing
    stays.

    >>> python_lines(["%matplotlib inline", "if x:", "    !ls", "files = !ls", "x = 5 % 3"])
    {0: '__magic_line__()', 2: '    __magic_line__()', 3: 'files = __magic_line__()'}
    """
    first = next((i for i, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")), 0)
    statements: dict[int, str] = {}
    if lines and lines[first].startswith("%%"):
        if lines[first].split()[0] not in _RUN_THE_CELL:
            return dict.fromkeys(range(len(lines)), "") | {first: _MAGIC}
        statements[first] = _MAGIC
    while (refused := _refused_line(lines, statements)) is not None:
        if refused in statements or not (_LINE.match(lines[refused]) or _ASSIGNMENT.match(lines[refused])):
            statement = _bound(_names_in(lines), "__broken_cell__()")
            return dict.fromkeys(range(len(lines)), "") | {refused: statement}
        statements[refused] = _statement(lines[refused])
        while lines[refused].rstrip().endswith("\\") and refused + 1 < len(lines):
            refused += 1
            statements[refused] = ""
    return statements


def commented(statement: str, line: str, mark: str) -> str:
    """Return a statement with the line that it stands in for as a comment.

    >>> commented("__magic_line__()", "%matplotlib inline", "#")
    '__magic_line__()  # line "%matplotlib inline"'
    """
    comment = f"{mark} line {json.dumps(line, ensure_ascii=not line.isprintable())}"
    return f"{statement}  {comment}" if statement else comment


def original_line(line: str, mark: str) -> str:
    """Return the line that a statement stands in for, with the line end of the statement; any other line as it is.

    >>> original_line('__magic_line__()  # line "%matplotlib inline"', "#")
    '%matplotlib inline'
    """
    found = re.fullmatch(rf'(?:[^#]*\S  )?{mark} line ("(?:\\.|[^"\\])*")([\r\n]*)', line)
    return json.loads(found[1]) + found[2] if found else line


def magic_line(*_: object) -> None:
    """Do nothing: stands in for a line, or a cell, that is for IPython."""


def broken_cell(*_: object) -> None:
    """Do nothing: stands in for a cell that is no Python."""


def display(*_: object, **__: object) -> None:
    """Show nothing: the output of a command is for its results."""


class InteractiveShell:
    """The shell that IPython has: everything that is asked of it does nothing."""

    def __getattr__(self, name: str) -> Any:
        """Return a function that does nothing."""
        if name.startswith("__"):
            raise AttributeError(name)
        return display


def get_ipython() -> InteractiveShell:
    """Return the shell in which a notebook would run."""
    return InteractiveShell()


NAMES = {"__broken_cell__": broken_cell, "__magic_line__": magic_line, "display": display, "get_ipython": get_ipython}


def _statement(line: str) -> str:
    if found := _ASSIGNMENT.match(line):
        return f"{found[1]}{found[2]} = {_MAGIC}"
    if found := _TIMED.match(line):  # runs what follows it in the notebook's namespace
        try:
            return found[1] + _bound(sorted(set().union(*map(bound_names, ast.parse(found[2]).body))), _MAGIC)
        except _REFUSALS:
            pass
    return line[: len(line) - len(line.lstrip())] + _MAGIC


def _bound(names: Iterable[str], call: str) -> str:
    return " = ".join([*names, call])


def _names_in(lines: Iterable[str]) -> list[str]:
    """Return what the lines of a cell that cannot be parsed seem to bind."""
    found = filter(None, map(_BINDING.match, lines))
    names = dict.fromkeys(match[1] or match[2] for match in found)
    return [name for name in names if name.isidentifier() and not keyword.iskeyword(name)]


def _refused_line(lines: Sequence[str], statements: dict[int, str]) -> int | None:
    """Return the index of the line that the compiler refuses, None if it takes the cell."""
    text = "\n".join(statements.get(i, line) for i, line in enumerate(lines))
    try:
        with warnings.catch_warnings(action="ignore"):
            compile(text, "<cell>", "exec", dont_inherit=True)
    except _REFUSALS as error:
        line = error.lineno if isinstance(error, SyntaxError) and error.lineno else 1
        return min(line, len(lines)) - 1
    return None
