"""The file that was named is edited as shown, and as `convwright lint --fix` would; no other is."""

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from convwright.cli.main import app
from convwright.errors import ConvwrightError
from convwright.studio.designer.file_edits import FileEdits
from convwright.studio.shared.workbench import Workbench
from reference.studio_nets import NET

CLEAN = NET.replace("3, 8, 3)", "3, 8, 3, bias=False)")


@pytest.fixture
def opened(tmp_path, monkeypatch):
    """A file in a folder beside the working folder, as it was named."""
    for name in ("work", "elsewhere"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "work")

    def named(text=NET, **others):
        for name, other in others.items():
            Path("../elsewhere", f"{name}.py").write_text(other)
        file = Path("../elsewhere/net.py")
        file.write_text(text)
        bench = Workbench(f"{file}:Net")
        return bench, FileEdits(bench), file

    return named


def fixed(bench, edits, code="CW301"):
    group = next(each for each in bench.view(bench.first).findings if each.first.code == code)
    return edits.attempt(bench.first, group)


def test_it_is_shown_written_and_taken_back(opened):
    bench, edits, file = opened()
    edit = fixed(bench, edits)
    assert file.read_text() == NET
    assert "+        nn.Conv2d(3, 8, 3, bias=False),  # first" in edit.diff
    assert edit.report.analysis.totals.parameters == bench.view(bench.first).analysis.totals.parameters - 8
    assert not edits.can_undo
    edits.write(edit)
    assert file.read_text() == CLEAN
    assert [each.first.code for each in bench.view(bench.first).findings if each.first.code == "CW301"] == []
    edits.undo()
    assert (file.read_text(), edits.can_undo) == (NET, False)


def test_a_notebook_is_edited_and_taken_back_to_the_byte(opened):
    file = opened()[2].with_suffix(".ipynb")
    cells = [{"cell_type": "code", "source": each, "outputs": [1e-05]} for each in ("%cd x", NET)]
    before = json.dumps({"cells": cells, "metadata": {}})
    file.write_text(before)
    bench = Workbench(f"{file}:Net")
    edits = FileEdits(bench)
    edit = fixed(bench, edits)
    assert edit.diff.startswith("--- ../elsewhere/net.ipynb cell 2\n")
    edits.write(edit)
    assert file.read_text() == before.replace(json.dumps(NET), json.dumps(CLEAN))
    edits.undo()
    assert file.read_text() == before


def test_it_is_what_lint_fix_writes(opened):
    bench, edits, file = opened()
    edits.write(fixed(bench, edits))
    ours = file.read_text()
    file.write_text(NET)
    CliRunner().invoke(app, ["lint", f"{file}:Net", "--fix", "--select", "CW301"])
    assert file.read_text() == ours == CLEAN


def test_what_was_changed_meanwhile_stays(opened):
    bench, edits, file = opened()
    edit = fixed(bench, edits)
    other = NET + "# mine\n"
    file.write_text(other)
    with pytest.raises(ConvwrightError, match="changed meanwhile"):
        edits.write(edit)
    assert (file.read_text(), edits.can_undo) == (other, False)
    edits.write(fixed(bench, edits))
    file.write_text(file.read_text() + "# more\n")
    with pytest.raises(ConvwrightError, match=r"net.py was changed since the fix"):
        edits.undo()
    assert file.read_text() == CLEAN + "# mine\n# more\n"


def test_a_finding_that_is_gone_is_said(opened):
    bench, edits, file = opened()
    group = next(each for each in bench.view(bench.first).findings if each.first.code == "CW301")
    file.write_text(CLEAN)
    edit = edits.attempt(bench.first, group)
    assert "the finding is gone" in edit.refusal
    assert edit.texts == {}


def test_no_other_file_is_edited(opened, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path / "elsewhere")
    parts = "from torch import nn\n\n\ndef conv():\n    return nn.Conv2d(3, 8, 3)\n"
    text = NET.replace("nn.Conv2d(3, 8, 3)", "conv()").replace("nn\n", "nn\nfrom parts_of_net import conv\n", 1)
    bench, edits, file = opened(text, parts_of_net=parts)
    edit = fixed(bench, edits)
    assert "it edits parts_of_net.py, which was not named" in edit.refusal
    assert (edit.texts, edit.diff) == ({}, "")
    assert (file.read_text(), Path("../elsewhere/parts_of_net.py").read_text()) == (text, parts)


def test_what_cannot_be_written_is_a_sentence(opened, monkeypatch):
    bench, edits, file = opened()
    edit = fixed(bench, edits)

    def refused(*_):
        raise PermissionError(13, "Permission denied", str(file))

    monkeypatch.setattr(os, "replace", refused)
    with pytest.raises(ConvwrightError, match="cannot write"):
        edits.write(edit)
    assert not edits.can_undo
    assert sorted(path.name for path in file.parent.glob("*net*")) == ["net.py"]
