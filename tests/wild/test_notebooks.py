"""Notebooks as people leave them: linted by cell and line, and fixed without touching anything else of them."""

import inspect
import json
import shutil
from pathlib import Path

import libcst as cst
import pytest
from typer.testing import CliRunner

from convwright.cli.main import app
from convwright.errors import ConvwrightError
from convwright.linter.rewrite import calls_on, rewrite
from convwright.networks import NetworkName, open_network
from convwright.networks.reading.edited import file_content, source_text
from convwright.networks.reading.file_import import fresh_imports

FOLDER = Path(__file__).parent / "files"
# A shortcut that the activation writes over, a bias before a norm, and `torch.nn` by its full name.
NET = """%%time
class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(8, 8, 3, padding=1)
        self.norm = torch.nn.BatchNorm2d(8)

    def forward(self, x):
        return torch.relu(self.norm(self.conv(x)) + x)
"""
CELLS = [
    "!pip install torch\nimport torch",
    "print('é')",
    NET,
    "net = torch.nn.Sequential(Block(), Block())\n%time net",
]


@pytest.fixture(autouse=True)
def net(tmp_path, monkeypatch):
    """A notebook with a convolution whose bias a norm takes away, in cell 4 of 5."""
    monkeypatch.chdir(tmp_path)
    cells = [{"cell_type": "markdown", "source": "# Ä"}]
    for number, code in enumerate(CELLS):
        source = code if number % 2 else code.splitlines(keepends=True)
        outputs = [{"data": {"image/png": "iVBORw0KGgo=\n"}, "x": 1e-05}]
        cells.append({"source": source, "outputs": outputs, "cell_type": "code", "execution_count": 9 - number})
    document = json.dumps({"metadata": {"ä": 1}, "cells": cells, "nbformat": 4}, indent=1, ensure_ascii=False) + "\n"
    (tmp_path / "net.ipynb").write_text(document, encoding="utf-8")
    with fresh_imports():
        yield tmp_path / "net.ipynb"


def lint(*arguments):
    return CliRunner().invoke(app, ["lint", *arguments, "--input", "8x16x16"], catch_exceptions=False)


def test_findings_name_cell_and_line():
    result = lint("net.ipynb", "--select", "CW301", "-v")
    assert "net.ipynb:net" in result.stdout
    assert "built at net.ipynb cell 4 line 5; called at net.ipynb cell 4 line 9" in " ".join(result.stdout.split())
    assert "left out: net.ipynb cell 2 line 1: !pip install torch (is for IPython)" in result.stderr
    assert "left out: net.ipynb cell 3 line 1: print('é') (prints)" in result.stderr


def test_formats_name_the_cell_and_the_line_of_the_file(net):
    found = json.loads(lint("net.ipynb:net", "--select", "CW301", "--format", "json").stdout)["reports"][0]["findings"]
    assert found[0]["built"] == {"file": str(net), "cell": 4, "line": 5}
    in_file = 1 + next(n for n, line in enumerate(net.read_text().split("\n")) if "self.conv = " in line)
    sarif = json.loads(lint("net.ipynb:net", "--select", "CW301", "--format", "sarif").stdout)
    (result,) = sarif["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]) == ("net.ipynb", {"startLine": in_file})
    assert {"fullyQualifiedName": "cell 4 line 5", "kind": "cell"} in result["locations"][0]["logicalLocations"]
    github = lint("net.ipynb:net", "--select", "CW301", "--format", "github").stdout
    assert f"file=net.ipynb,line={in_file}," in github
    assert github.endswith("(cell 4 line 5)\n")


def test_a_fix_changes_its_line_and_nothing_else(net):
    before = net.read_text(encoding="utf-8")
    fixing = ("net.ipynb:net", "--select", "CW301", "--unsafe-fixes")
    diff = lint(*fixing, "--diff").stdout
    old = "        self.conv = torch.nn.Conv2d(8, 8, 3, padding=1)"
    new = old.replace("padding=1", "padding=1, bias=False")
    assert diff.startswith("--- net.ipynb cell 4\n+++ net.ipynb cell 4\n@@ -2,7 +2,7 @@\n class Block")
    assert [line for line in diff.splitlines() if line[0] in "+-"][2:] == [f"-{old}", f"+{new}"]
    assert net.read_text(encoding="utf-8") == before
    lint(*fixing, "--fix")
    assert net.read_text(encoding="utf-8") == before.replace(old, new)


def test_classes_of_a_notebook_have_their_source():
    network = open_network(NetworkName(text="net.ipynb:net"), computes=False)
    kind = type(network.module[0])
    assert inspect.getsource(kind) == NET.removeprefix("%%time\n")
    assert inspect.getsource(kind.forward).startswith("    def forward")


def test_import_runs_all_of_it():
    assert "é" in lint("net.ipynb", "--import").stderr
    late = {
        "cells": [{"cell_type": "code", "source": code} for code in ("%cd x\n", "from __future__ import annotations")]
    }
    late["cells"].append(
        {"cell_type": "code", "source": "import torch\ndef net(x: None.y = 1):\n  return torch.nn.ReLU()"}
    )
    Path("late.ipynb").write_text(json.dumps(late))
    for run_all in (True, False):
        open_network(NetworkName(text="late.ipynb:net", run_all=run_all))


def test_what_a_notebook_left_out_is_named_by_its_cell():
    shutil.copy(FOLDER / "broken_cell.ipynb", ".")
    with pytest.raises(
        ConvwrightError,
        match=r"accuracy is not defined: got 'total =' \(broken_cell.ipynb cell 2 line 3\), left out because it is in ",
    ):
        open_network(NetworkName(text="broken_cell.ipynb:accuracy"))
    text = "from torch import nn\n%cd x\ndef net():\n    return nn.Conv2d(0.5, {}, 3)"
    Path("bad.ipynb").write_text(json.dumps({"cells": [{"cell_type": "code", "source": text}]}))
    with pytest.raises(ConvwrightError, match=r"net raised .*bad.ipynb cell 1 line 4"):
        open_network(NetworkName(text="bad.ipynb:net"))


def test_a_name_for_torchs_layers_is_imported_where_torch_is(net):
    cells = ["!pip install torch", "import torch\nimport os", "%cd x\nact = torch.nn.ReLU()", "import sys"]
    net.write_text(json.dumps({"cells": [{"cell_type": "code", "source": code} for code in cells]}))
    text = source_text(str(net))
    ((_, span),) = calls_on(text, 1 + text.split("\n").index("act = torch.nn.ReLU()"))
    edited = rewrite(text, {span: lambda _: cst.parse_expression("nn.GELU()")})
    cells[1] += "\nfrom torch import nn"
    cells[2] = "%cd x\nact = nn.GELU()"
    assert [each["source"] for each in json.loads(file_content(str(net), edited))["cells"]] == cells
