"""What is offered for a finding: turns of knobs for the zoo, an edit of the source for a file."""

from pathlib import Path

import pytest

from convwright.studio.file_edits import FileEdits
from convwright.studio.mending import Mending, find, has_edits
from convwright.studio.workbench import Workbench
from reference.studio_nets import NET


def mending(bench, code, **texts):
    design = bench.design(texts)
    view = bench.view(design)
    folded = next(each for each in view.findings if each.first.code == code)
    return Mending(design, view, folded, bench, FileEdits(bench))


def test_the_edit_of_a_network_of_the_zoo_is_tried_on_it():
    bench = Workbench("resnet50")
    offered = mending(bench, "CW503")
    assert has_edits(offered.folded)
    assert offered.source is None
    assert offered.refusal == ""
    assert "CW503" not in {finding.code for finding in offered.edited.findings}
    before, after = offered.report.analysis.totals, offered.edited.analysis.totals
    assert after.parameters == before.parameters
    assert after.activation_bytes > before.activation_bytes
    assert offered.is_searching
    assert "CW503" in {folded.first.code for folded in bench.view(bench.first).findings}


def test_a_suggestion_has_turns_only():
    offered = mending(Workbench("resnet50"), "CW512")
    assert not has_edits(offered.folded)
    assert (offered.edited, offered.refusal, offered.source) == (None, "", None)
    assert offered.search.num_turns > 100


def test_a_file_has_an_edit_and_no_knobs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("net.py").write_text(NET)
    offered = mending(Workbench("net.py:Net"), "CW301")
    assert offered.search is None
    assert not offered.is_searching
    assert "bias=False" in offered.source.diff
    assert offered.edited is offered.source.report


def test_a_model_of_a_library_is_edited_in_memory_only():
    offered = mending(Workbench("torchvision:vgg11_bn"), "CW301", input="3x64x64")
    assert (offered.search, offered.source, offered.refusal) == (None, None, "")
    assert offered.edited.analysis.totals.parameters < offered.report.analysis.totals.parameters


@pytest.mark.parametrize(("code", "path"), [("CW503", "stem"), ("CW301", ""), ("", "")])
def test_what_is_not_found_is_none(code, path):
    bench = Workbench("resnet50")
    assert find(bench.view(bench.first), code, path) is None
