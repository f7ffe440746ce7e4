"""What is offered for a finding: turns of knobs for the zoo, an edit of the source for a file."""

from pathlib import Path

import pytest

from convwright.studio.designer.file_edits import FileEdits
from convwright.studio.designer.fix_fragments import fix_parts
from convwright.studio.designer.fix_preview import FixPreview, find, has_edits
from convwright.studio.shared.workbench import Workbench
from reference.studio_nets import NET


def preview(bench, code, **texts):
    design = bench.design(texts)
    view = bench.view(design)
    group = next(each for each in view.findings if each.first.code == code)
    return FixPreview(design, view, group, bench, FileEdits(bench))


def test_the_edit_of_a_network_of_the_zoo_is_tried_on_it():
    bench = Workbench("resnet50")
    offered = preview(bench, "CW503")
    assert has_edits(offered.group)
    assert offered.source is None
    assert offered.refusal == ""
    assert "CW503" not in {finding.code for finding in offered.edited.findings}
    before, after = offered.report.analysis.totals, offered.edited.analysis.totals
    assert after.parameters == before.parameters
    assert after.activation_bytes > before.activation_bytes
    assert not offered.search.is_done
    assert "convwright.fix" in offered.code
    assert "CW503" in {group.first.code for group in bench.view(bench.first).findings}


def test_a_suggestion_has_changes_of_knobs_only():
    offered = preview(Workbench("resnet50"), "CW512")
    assert not has_edits(offered.group)
    assert (offered.edited, offered.refusal, offered.source) == (None, "", None)
    assert offered.search.num_designs > 100


def test_a_file_has_an_edit_and_no_knobs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("net.py").write_text(NET)
    offered = preview(Workbench("net.py:Net"), "CW301")
    assert offered.search is None
    assert "bias=False" in offered.source.diff
    assert offered.edited is offered.source.report


def test_a_model_of_a_library_is_edited_in_memory_only():
    offered = preview(Workbench("torchvision:vgg11_bn"), "CW301", input="3x64x64")
    assert (offered.search, offered.source, offered.refusal) == (None, None, "")
    assert offered.edited.analysis.totals.parameters < offered.report.analysis.totals.parameters


@pytest.mark.parametrize(
    ("number", "code", "path"), [(0, "CW503", "stem"), (0, "CW301", ""), (99, "CW503", "stages.stage2.0.shortcut.conv")]
)
def test_what_is_not_found_is_none(number, code, path):
    bench = Workbench("resnet50")
    assert find(bench.view(bench.first), number, code, path) is None


def test_what_is_found_is_the_one_of_that_number():
    bench = Workbench("resnet50")
    view = bench.view(bench.first)
    for number, group in enumerate(view.findings):
        assert find(view, number, group.first.code, group.first.path) is group


TWICE = """from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.linear = nn.Linear(8, 10)

    def forward(self, x):
        x = F.relu(self.conv(x))
        x = F.relu(x)
        x = F.relu(x + 1)
        x = F.relu(x)
        return self.linear(x.mean((2, 3)))
"""


def test_of_two_findings_in_one_layer_the_one_that_was_chosen_is_fixed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("net.py").write_text(TWICE)
    bench = Workbench("net.py:Net")
    view = bench.view(bench.first)
    doubled = [group for group in view.findings if group.first.name == "doubled-activation" and has_edits(group)]
    assert len(doubled) >= 2
    for group in doubled:
        edit = FixPreview(bench.first, view, group, bench, FileEdits(bench)).source
        removed = [line for line in edit.diff.splitlines() if line.startswith("-") and not line.startswith("---")]
        assert [TWICE.splitlines()[group.first.place.line - 1]] == [line[1:] for line in removed]


def test_a_network_that_does_not_run_is_fixed_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("net.py").write_text(NET.replace("nn.Linear(8, 10)", "nn.Linear(9, 10)"))
    bench = Workbench("net.py:Net")
    view = bench.view(bench.first)
    assert view.analysis is None
    offered = FixPreview(bench.first, view, view.findings[0], bench, FileEdits(bench))
    assert "nn.Linear(8, 10)" in offered.source.diff
    assert offered.edited.analysis is not None
    assert "nn.Linear(8, 10)" in fix_parts(offered)["fix"]
