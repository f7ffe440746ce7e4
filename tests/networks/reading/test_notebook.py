"""Notebooks as Python, and edits of their code that leave all else alone."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convwright.errors import ConvwrightError
from convwright.graph import Place
from convwright.graph.cells import CellLine, mark_of
from convwright.networks.reading.ipython import original_line
from convwright.networks.reading.json_lines import lines_of
from convwright.networks.reading.notebook import Notebook, cells_of, file_line


def cell(source, kind="code", **more):
    return {"cell_type": kind, "metadata": {}, "source": source, **more}


def data(*cells, **more):
    return json.dumps({"cells": list(cells), "nbformat": 4, **more}).encode()


def test_code_cells_become_one_source():
    content = data(cell("# words", "markdown"), cell(["!ls\n", "x = 1"]), cell([]), cell("y\r\n"))
    assert Notebook(content, "net.ipynb").text == (
        '# notebook\n# cell 2\n__magic_line__()  # line "!ls"\nx = 1\n# cell 3\n\n# cell 4\ny\r\n\n'
    )
    other = Notebook(data(cell("# cell 2\n## line 3")), "net.ipynb").text
    assert other == "### notebook\n### cell 1\n# cell 2\n## line 3\n"
    assert cells_of(other) == [(0, ""), (1, "# cell 2\n## line 3")]


def test_nbformat_3_and_a_byte_order_mark():
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": ["x = 1"], "language": "python"}]}], "nbformat": 3}
    content = b"\xef\xbb\xbf" + json.dumps(old, indent=1).encode() + b"\n"
    notebook = Notebook(content, "old.ipynb")
    assert notebook.with_text(notebook.text.replace("x = 1", "x = 2")) == content.replace(b"x = 1", b"x = 2")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not JSON"),
        (b"{", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"[1, 2]", "is no notebook: expected JSON with the cells"),
        (b"{}", "is no notebook: expected JSON with the cells"),
        (data() + b"x", "is no notebook"),
        (data(3), "its cells are not"),
        (data(cell(3)), "its cells are not"),
        (b'{"cells": 3}', "its cells are not"),
        (data(metadata={"kernelspec": {"language": "R"}}), "is a notebook of R: expected one of Python"),
        (data(metadata={"language_info": {"name": "julia"}}), "is a notebook of julia"),
    ],
)
def test_what_is_no_notebook_of_python_is_refused(content, message):
    with pytest.raises(ConvwrightError, match=f"net.ipynb .*{message}"):
        Notebook(content, "net.ipynb")


def test_edits_of_anything_else_are_refused():
    notebook = Notebook(data(cell("x = 1"), cell("y")), "net.ipynb")
    for old, new in (
        ("# cell 2\n", ""),
        ("# cell 1", "import os\n# cell 1"),
        ("x = 1", '# line "x"'),
        ("y", "# cell 1"),
    ):
        with pytest.raises(ConvwrightError, match=r"more than the code of a cell; edit by hand"):
            notebook.with_text(notebook.text.replace(old, new))


def test_lines_of_the_file(tmp_path):
    file = tmp_path / "net.ipynb"
    file.write_text(json.dumps({"cells": [cell(["x\n", "y\n"]), cell("a\nb")]}, indent=1))
    text = file.read_text().split("\n")
    for place, content in ((CellLine(1, 2), '"y\\n"'), (CellLine(2, 2), '"source": "a\\nb"')):
        assert content in text[file_line(Place(file=str(file), line=3, cell=place)) - 1]
    assert file_line(Place(file=str(file), line=3)) == 3
    assert file_line(Place(file="none.ipynb", line=3, cell=CellLine(1, 1))) == 1


LINE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=8)
KNOWN = [
    "x = 1",
    "%time y = 'é'",
    '!ls "a',
    "z = '\\t\\\\' # δ",
    "def f(:",
    "nn.X?",
    "# cell 1",
    '# line "a"',
    "",
    "if x:",
    "    %cd",
]
LINES = st.lists(st.sampled_from(KNOWN) | LINE, max_size=5)


@st.composite
def notebooks(draw):
    cells = []
    for _ in range(draw(st.integers(1, 4))):
        lines = [line + draw(st.sampled_from(["\n", "\r\n"])) for line in draw(LINES)]
        lines[-1:] = [lines[-1].rstrip("\r\n") if draw(st.booleans()) else lines[-1]] if lines else []
        source = "".join(lines) if draw(st.booleans()) else [line for line in lines if line]
        more = {"outputs": [{"text": "é \U0001f600", "v": 1e-05}], "execution_count": None}
        cells.append(cell(source, draw(st.sampled_from(["code", "code", "markdown"])), **more))
    form = {"ensure_ascii": draw(st.booleans()), "indent": draw(st.sampled_from([None, 1, 2, "\t"]))}
    return (
        draw(st.sampled_from(["", "\ufeff"])) + json.dumps({"cells": cells}, **form) + draw(st.sampled_from(["", "\n"]))
    )


def sources(document):
    return ["".join(each["source"]) for each in json.loads(document.lstrip("\ufeff"))["cells"]]


@settings(max_examples=150)
@given(notebooks(), LINE, st.data())
def test_an_edit_of_a_line_changes_the_string_of_that_line_and_nothing_else(document, new, data):
    notebook = Notebook(document.encode(), "net.ipynb")
    first, *lines = lines_of(notebook.text)
    mark = mark_of(first)
    starts = [i for i, line in enumerate(lines) if line.startswith(f"{mark} cell ")]
    code = [i for i, line in enumerate(lines) if i not in starts and original_line(line, mark) == line]
    code = [i for i in code if i + 1 not in starts and i + 1 < len(lines)]  # the end of a cell is not in it
    assert notebook.with_text(notebook.text) == document.encode()
    if not code or f"{mark} " in new:
        return
    index = data.draw(st.sampled_from(code))
    old = lines[index]
    start = max(each for each in starts if each < index)
    number = int(lines[start].split()[2])
    edited = [*lines]
    edited[index] = new + old[len(old.rstrip("\r\n")) :]
    result = notebook.with_text("".join([f"{mark} notebook\n", *edited])).decode()

    expected = sources(document)
    of_cell = lines_of(expected[number - 1])
    of_cell[index - start - 1] = edited[index]
    expected[number - 1] = "".join(of_cell)
    assert sources(result) == expected
    same = [{**json.loads(text.lstrip("\ufeff")), "cells": 0} for text in (document, result)]
    assert same[0] == same[1]
    literals = [[json.dumps(line, ensure_ascii=way)[1:-1] for way in (True, False)] for line in (old, edited[index])]
    assert any(
        result == document[:at] + after + document[at + len(before) :]
        for before in literals[0]
        for at in range(len(document))
        if document.startswith(before, at)
        for after in literals[1]
    )
