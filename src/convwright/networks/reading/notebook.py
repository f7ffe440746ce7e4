"""A notebook: its code as one Python source, and the file with other code in its cells."""

from collections.abc import Iterator
from functools import cached_property, lru_cache
from itertools import count
from pathlib import Path
from typing import Any

from ...errors import ConvwrightError
from ...graph.cells import NOTEBOOK, CellLine, cell_in, cell_mark, mark_of, shown_path
from ...graph.records import Place
from .ipython import commented, original_line, python_lines
from .json_lines import JsonLines, lines_of
from .json_spans import after_space, decoded_at, elements, members


def is_notebook(file: str) -> bool:
    """Return True for the name of a notebook."""
    return file.endswith(NOTEBOOK)


class Notebook:
    """A notebook, nbformat 3 or 4.

    Parameters
    ----------
    data : bytes
        What is in the file.
    file : str
        Its path.

    Attributes
    ----------
    cells : dict of int to JsonLines
        Code of each cell that has some, by its number among all cells from 1.

    Raises
    ------
    ConvwrightError
        When it is no notebook, or one of another language than Python.
    """

    def __init__(self, data: bytes, file: str) -> None:
        self._file = shown_path(file)
        self._document, content = _parsed(data, self._file)
        try:
            self.cells = dict(self._code_cells(content))
        except (AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
            raise ConvwrightError(f"{self._file} is no notebook: its cells are not as nbformat 4 has them") from error

    @cached_property
    def text(self) -> str:
        """The code as Python: line for line that of the cells, with a comment before each cell."""
        code = "".join(cell.text for cell in self.cells.values())
        marks = map("#".__mul__, count(1))
        mark = next(mark for mark in marks if f"{mark} cell " not in code and f"{mark} line " not in code)
        parts = [f"{mark} notebook\n"]
        for number, cell in self.cells.items():
            lines = lines_of(cell.text)
            own = [line.rstrip("\r\n") for line in lines]
            statements = python_lines(own)
            parts.append(cell_mark(mark, number))
            for index, line in enumerate(lines):
                end = line[len(own[index]) :]
                parts.append(commented(statements[index], own[index], mark) + end if index in statements else line)
            parts.append("\n")
        return "".join(parts)

    def with_text(self, text: str) -> bytes:
        """Return the file with the code of an edited `text`; what does not change keeps its bytes.

        Raises
        ------
        ConvwrightError
            When an edit is of something else than the code of a cell.
        """
        edited = cells_of(text)
        marked = f"{mark_of(text)} line "
        is_more = text.count(marked) > self.text.count(marked)
        if is_more or [number for number, code in edited if number or code] != list(self.cells):
            raise ConvwrightError(f"{self._file}: an edit is of more than the code of a cell", hint="edit by hand")
        document = self._document
        lists = (cell for cell in self.cells.values() if cell.is_list)
        like = max(lists, key=lambda cell: len(cell.text), default=None)
        for number, code in reversed(edited[1:]):
            cell = self.cells[number]
            if code != cell.text:
                document = document[: cell.span.start] + cell.rewritten(code, like) + document[cell.span.end :]
        return document.encode()

    def line_of(self, place: CellLine) -> int:
        """Return the line of the file, from 1, that holds a line of a cell."""
        position = self.cells[place.cell].position(place.line) if place.cell in self.cells else 0
        return self._document.count("\n", 0, position) + 1

    def _code_cells(self, content: dict[str, Any]) -> Iterator[tuple[int, JsonLines]]:
        document = self._document
        top = members(document, after_space(document, document.startswith("\ufeff")))
        sheets = (
            [members(document, each.start) for each in elements(document, top["worksheets"].start)]
            if ("cells" not in content)
            else [top]
        )
        spans = [span for sheet in sheets for span in elements(document, sheet["cells"].start)]
        for number, span in enumerate(spans, start=1):
            cell = members(document, span.start)
            source = cell.get("source") or cell.get("input")
            if source and decoded_at(document, cell["cell_type"].start)[0] == "code":
                yield number, JsonLines(document, source)


@lru_cache(maxsize=2)
def read_notebook(data: bytes, file: str) -> Notebook:
    """Return the notebook with these bytes; what was read last is kept, since each verb asks several times."""
    return Notebook(data, file)


def cells_of(text: str) -> list[tuple[int, str]]:
    """Return number and code of each cell of a notebook's source; 0 is what stands before the first.

    Lines that are for IPython are as they are in the notebook.
    """
    mark, numbers, codes = mark_of(text), [0], [""]
    for line in lines_of(text)[1:]:
        number = cell_in(line, mark)
        if number is None:
            codes[-1] += original_line(line, mark)
        else:
            numbers.append(number)
            codes.append("")
    return [(number, code.removesuffix("\n")) for number, code in zip(numbers, codes, strict=True)]


def file_line(place: Place) -> int:
    """Return the line of the file that holds a place: of a notebook its line in the JSON, 1 if it is gone."""
    if place.cell is None:
        return place.line
    try:
        return read_notebook(Path(place.file).read_bytes(), place.file).line_of(place.cell)
    except (OSError, ConvwrightError):
        return 1


def _parsed(data: bytes, file: str) -> tuple[str, dict[str, Any]]:
    """Return the text of a file, and what its JSON says."""
    try:
        document = data.decode()
        content, end = decoded_at(document, after_space(document, document.startswith("\ufeff")))
    except UnicodeDecodeError as error:
        raise ConvwrightError(f"{file} is no notebook: it is not UTF-8 text") from error
    except (ValueError, RecursionError) as error:
        raise ConvwrightError(f"{file} is no notebook: it is not JSON ({error})") from error
    is_whole = after_space(document, end) == len(document)
    if not is_whole or not isinstance(content, dict) or not {"cells", "worksheets"} & set(content):
        raise ConvwrightError(f"{file} is no notebook", expected="JSON with the cells of nbformat 4")
    language = _language(content.get("metadata"))
    if "python" not in language.lower():
        raise ConvwrightError(f"{file} is a notebook of {language}", expected="one of Python")
    return document, content


def _language(metadata: Any) -> str:
    """Return the language of a notebook's kernel; Python where none is named."""
    metadata = metadata if isinstance(metadata, dict) else {}
    for section, key in (("kernelspec", "language"), ("language_info", "name")):
        told = metadata.get(section)
        if isinstance(told, dict) and told.get(key):
            return str(told[key])
    return "python"
