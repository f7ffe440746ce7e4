"""Cells that write a file, and imports of what they write."""

import json
from pathlib import PurePosixPath

import pytest

from convwright.networks import NetworkName, open_network
from convwright.networks.reading.file_import import fresh_imports
from convwright.networks.reading.notebook import Notebook
from convwright.networks.reading.written_cells import written_cells

PARTS = """
from torch import nn

def conv():
    return nn.Conv2d(3, 8, 3)
"""
BLOCKS = "from torch import nn\nfrom parts_of_cells import conv\nclass Net(nn.Sequential):\n    pass\n"
USE = "from parts_of_cells import conv\nfrom folder_of_cells.blocks import Net\nnet = Net(conv())\n"
CELLS = [
    "x = 1",
    f"%%writefile parts_of_cells.py\n{PARTS}",
    f"\n%%file folder_of_cells/blocks.py\n{BLOCKS}",
    "%%writefile notes.txt\nwords",
    USE,
]


@pytest.fixture
def notebook(tmp_path):
    cells = [{"cell_type": "code", "source": each} for each in CELLS]
    path = tmp_path / "net.ipynb"
    path.write_text(json.dumps({"cells": cells, "nbformat": 4}))
    return path


def test_which_cells_write_which_files(notebook):
    text = Notebook(notebook.read_bytes(), str(notebook)).text
    found = written_cells(text)
    assert found[PurePosixPath("parts_of_cells.py")] == (f"\n{PARTS}", text.splitlines().index("# cell 2") + 1)
    assert found[PurePosixPath("folder_of_cells/blocks.py")].text == f"\n\n{BLOCKS}"
    assert len(found) == 2


@pytest.mark.parametrize("run_all", [False, True])
def test_imports_find_what_cells_write(notebook, run_all, monkeypatch):
    monkeypatch.chdir(notebook.parent)
    with fresh_imports():
        network = open_network(NetworkName(text="net.ipynb:net", run_all=run_all))
    assert type(network.module).__name__ == "Net"
    assert str(network.call_sites["0"].place) == "net.ipynb cell 2 line 6"
    assert [path.name for path in notebook.parent.iterdir()] == ["net.ipynb"]


def test_a_file_on_disk_counts_more(notebook):
    (notebook.parent / "parts_of_cells.py").write_text(PARTS.replace("8, 3", "4, 3"))
    with fresh_imports():
        assert open_network(NetworkName(text=f"{notebook}:net")).module[0].out_channels == 4
