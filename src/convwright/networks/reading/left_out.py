"""Statements of a user's file that were not run, and the names that are missing for it."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from ...errors import ConvwrightError
from ...graph.cells import CellLine, location_dict, location_words

_KEY = "__convwright_module_reading__"
RAISES = "raises"
IMPORT_HINT = "--import runs the file as Python would"


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """Statement that was not run.

    Attributes
    ----------
    file : str
        Path of its file.
    line : int
        Its first line, from 1.
    text : str
        The text of that line.
    reason : str
        What the statement does beyond defining something.
    cell : CellLine or None
        Its first line as a notebook shows it; None for other files.
    """

    file: str
    line: int
    text: str
    reason: str
    cell: CellLine | None = None

    @property
    def place(self) -> str:
        """File and line."""
        return location_words(self.file, self.line, self.cell)

    def lack(self, name: str, *, from_elsewhere: bool = False) -> str:
        """Return the reason of what needs a name that it was to define, with the error that is behind it.

        >>> entry = LeftOut(file="net.py", line=3, text="x = 1 / 0", reason="raises ZeroDivisionError")
        >>> entry.lack("x")
        'needs x, which line 3 was to define, but that raises ZeroDivisionError'
        """
        _, raises, words = self.reason.partition(f"{RAISES} ")
        cause = f", but that {raises}{words}" * bool(raises)
        return f"needs {name}, which {self.place if from_elsewhere else self.line_words} was to define{cause}"

    @property
    def line_words(self) -> str:
        """Line without the file."""
        return str(self.cell) if self.cell else f"line {self.line}"

    def __str__(self) -> str:
        """Return one line: place, text and reason."""
        return f"{self.place}: {self.text} ({self.reason})"

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values."""
        return location_dict(self.file, self.line, self.cell) | {"text": self.text, "reason": self.reason}


@dataclass(kw_only=True, eq=False)
class ModuleReading:
    """Result of reading a module's definitions; kept in the module.

    Attributes
    ----------
    file : str
        Path of the file.
    functions : mapping of int to node
        Every function of the file by its first line, decorators included.
    names : dict of str to LeftOut
        Names that are not defined, because the statement that defines them was left out.
    """

    file: str
    functions: Mapping[int, ast.FunctionDef | ast.AsyncFunctionDef]
    names: dict[str, LeftOut] = field(default_factory=dict)


def keep_reading(namespace: dict[str, Any], reading: ModuleReading) -> None:
    """Keep `reading` in the namespace of its module."""
    namespace[_KEY] = reading


def reading_of(namespace: Mapping[str, Any]) -> ModuleReading | None:
    """Return the reading of the module with this namespace; None for one that Python imported."""
    reading = namespace.get(_KEY)
    return reading if isinstance(reading, ModuleReading) else None


def left_out_error(label: str, entry: LeftOut) -> ConvwrightError:
    """Return the error for something that is needed and was left out.

    >>> entry = LeftOut(file="net.py", line=3, text="args = parser.parse_args()", reason="parses arguments")
    >>> print(left_out_error("args", entry))
    args is not defined: got 'args = parser.parse_args()' (net.py:3), left out because it parses arguments; \
--import runs the file as Python would
    """
    place = f"{entry.text!r} ({entry.place}), left out because it {entry.reason}"
    hint = "" if f"{RAISES} " in entry.reason else IMPORT_HINT  # it would raise there too
    return ConvwrightError(f"{label} is not defined", got=place, hint=hint)


def explain(error: BaseException) -> ConvwrightError | None:
    """Return the error that names the statement left out, if `error` is raised for want of it."""
    name, entry = lacking(error)
    return left_out_error(name, entry) if entry else None


def lacking(error: BaseException) -> tuple[str, LeftOut | None]:
    """Return the name for want of which `error` is raised, and the statement that was to define it, if left out."""
    if isinstance(error, NameError) and error.__traceback__ is not None:
        trace = error.__traceback__
        while trace.tb_next is not None:
            trace = trace.tb_next
        reading = reading_of(trace.tb_frame.f_globals)
    elif isinstance(error, AttributeError) and isinstance(error.obj, ModuleType):
        reading = reading_of(vars(error.obj))
    else:
        return "", None
    name = error.name or ""
    return name, reading.names.get(name) if reading else None
