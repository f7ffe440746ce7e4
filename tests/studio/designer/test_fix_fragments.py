"""What is offered for a finding, as HTML: complete, escaped, and with a button only where it does something."""

from pathlib import Path

import pytest

from convwright.studio.designer.file_edits import FileEdits
from convwright.studio.designer.fix_fragments import fix_parts
from convwright.studio.designer.fix_preview import FixPreview
from convwright.studio.shared.workbench import Workbench
from reference.html import Page
from reference.studio_nets import NET


def preview(bench, code, **texts):
    design = bench.design(texts)
    view = bench.view(design)
    group = next(each for each in view.findings if each.first.code == code)
    return FixPreview(design, view, group, bench, FileEdits(bench))


@pytest.fixture
def of_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def opened(text):
        Path("net.py").write_text(text)
        return preview(Workbench("net.py:Net"), "CW301")

    return opened


def test_changes_come_with_before_and_after_and_the_value_that_is_set():
    offered = preview(Workbench("resnet20"), "CW201", stem="imagenet")
    assert "data-act=" not in fix_parts(offered)["fix"].replace('data-act="leave"', "")
    assert 'value="0"' in fix_parts(offered)["searching"]
    offered.search.more(600.0)
    text = fix_parts(offered)["fix"]
    assert Page(text).unclosed == []
    for change in offered.search.best:
        assert f'data-act="take {change.key}">Set {change.knobs[0].label} to ' in text
    assert '<span class="quiet">now stem imagenet;' in text
    assert text.count("<details open>") == 1
    assert "were tried" in fix_parts(offered)["searching"]
    assert Page(fix_parts(offered)["searching"]).unclosed == []


def test_the_edit_of_a_model_of_the_zoo_has_code_and_no_button():
    text = fix_parts(preview(Workbench("resnet50"), "CW503"))["fix"]
    assert "edit of the built network (changes training)" in text
    assert "convwright.fix(model, (1, 3, 224, 224)" in text
    assert 'data-act="write"' not in text


def test_the_edit_of_a_file_is_a_diff_and_its_button_says_how_safe_it_is(of_file):
    offered = of_file(NET.replace("# first", "# first <script>"))
    text = fix_parts(offered)["fix"]
    assert "Write this to the file (same output)" in text
    assert '<span class="added">+        nn.Conv2d(3, 8, 3, bias=False),  # first &lt;script&gt;</span>' in text
    assert '<span class="removed">-        nn.Conv2d(3, 8, 3),  # first &lt;script&gt;</span>' in text
    assert "<script>" not in text
    assert Page(text).unclosed == []
    assert fix_parts(offered)["searching"].strip() == ""


SHARED = """from torch import nn


def conv(channels):
    return nn.Conv2d(channels, 8, 3)


def Net():
    return nn.Sequential(
        conv(3),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        conv(8),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(8, 10),
    )
"""


def test_an_edit_that_is_no_help_says_why(of_file):
    text = fix_parts(of_file(SHARED))["fix"]
    assert "no help here" in text
    assert "also makes `3`" in text
    assert 'data-act="write"' not in text
