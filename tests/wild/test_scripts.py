"""Scripts, notebooks and repositories as people leave them: linted as they lie, every planted fault is found.

The comments at the top of a file say what is expected: `networks`, words of all their assumptions in order (`assumed`),
reasons for which statements are left out, or the words with which it is `refused`. A line with a fault says its code
(`# finds: CW601`); faults on lines of a library are in `finds elsewhere`, and `with` names other files with faults.
"""

import contextlib
import importlib
import json
import os
import re
import sys
from pathlib import Path

import pytest
import torchvision  # noqa: F401 - importing it changes os.environ, the first time

from convwright.cli._lint_jobs import lint_models
from convwright.cli._lint_run import LintOrder, LintRun
from convwright.linter.config import Config
from convwright.networks.reading.edited import source_text
from convwright.networks.reading.installed import is_source_file
from convwright.reports.findings.text import findings_text
from convwright.reports.to_text import as_string

FOLDER = Path(__file__).parent / "files" / "scripts"
# Importing these changes sys.meta_path and os.environ.
for package in ("absl.flags", "pandas", "sklearn"):
    with contextlib.suppress(ImportError):
        importlib.import_module(package)
# Packages that the files do without, on every machine.
MISSING = (
    *(
        "albumentations",
        "cv2",
        "einops",
        "hydra",
        "mypath",
        "omegaconf",
        "pytorch_lightning",
        "tiktoken",
        "torchmetrics",
    ),
    *("torchsummary", "torchtext", "wandb", "yacs"),
)
FILES = sorted(
    str(file.relative_to(FOLDER))
    for file in FOLDER.rglob("*.*")
    if is_source_file(file.name) and "\n# networks:" in file.read_text(encoding="utf-8").replace('"# ', "\n# ")
)
_MARK = re.compile(r"# finds: (CW\d+)")


def said(file: str, word: str) -> list[str]:
    """Return the items of a line `# WORD: item; item` of a file."""
    text = (FOLDER / file).read_text(encoding="utf-8")
    found = re.search(rf'^\s*"?# {word}: *(.*?)(\\n",)?$', text, re.MULTILINE)
    return [item.strip() for item in found[1].split(";") if item.strip()] if found else []


def planted(file: str) -> set[tuple[str, str, int | None, int]]:
    """Return code, file, cell and line of every fault of a file."""
    if file.endswith(".ipynb"):
        cells = json.loads((FOLDER / file).read_text(encoding="utf-8"))["cells"]
        texts = {number: "".join(cell["source"]) for number, cell in enumerate(cells, 1)}
    else:
        texts = {None: source_text(str(FOLDER / file))}
    return {
        (found[1], file, cell, number)
        for cell, text in texts.items()
        for number, line in enumerate(text.splitlines(), 1)
        if (found := _MARK.search(line))
    }


def places(finding: dict) -> set[tuple[str, str, int | None, int]]:
    """Return where a finding is, in the form of `planted`: where its layer is built and where it is called."""
    given = (finding[key] for key in ("built", "called") if finding[key])
    return {(finding["code"], os.path.relpath(each["file"], FOLDER), each.get("cell"), each["line"]) for each in given}


@pytest.fixture
def lint(tmp_path, monkeypatch, capfd):
    """Lint a file in an empty folder as the process of the command does, and look for what its code leaves behind."""
    monkeypatch.chdir(tmp_path)
    for package in MISSING:
        monkeypatch.setitem(sys.modules, package, None)

    def linted(file: str) -> LintRun:
        state = list(sys.path), list(sys.argv), list(sys.meta_path), dict(os.environ)
        run = lint_models([str(FOLDER / file)], LintOrder(config=Config()))
        assert (list(sys.path), list(sys.argv), list(sys.meta_path), dict(os.environ)) == state
        assert list(tmp_path.iterdir()) == []
        assert capfd.readouterr().out == ""
        return run

    return linted


@pytest.mark.filterwarnings("ignore")  # those of the files
@pytest.mark.parametrize("file", FILES)
def test_linted_as_it_lies(file, lint):
    run = lint(file)
    reports = [report.to_dict() for report in run.reports]
    assert [report["model"].rpartition(":")[2] for report in reports] == said(file, "networks")
    assumptions = [text for report in reports for text in report["assumptions"]]
    assert len(assumptions) == len(said(file, "assumed")), assumptions
    for words, text in zip(said(file, "assumed"), assumptions, strict=True):
        assert words in text
    reasons = {each.reason for each in run.left_out}
    for reason in said(file, "left out"):
        assert any(each.startswith(reason) for each in reasons), (reason, reasons)
    refusals = " ".join(map(str, run.failures))
    assert bool(refusals) == bool(said(file, "refused"))
    for words in said(file, "refused"):
        assert words in refusals
    findings = [each for report in reports for each in report["findings"] if each["severity"] != "advice"]
    faults = {mark for each in (file, *said(file, "with")) for mark in planted(each)}
    assert {mark for each in findings for mark in faults & places(each)} == faults
    beyond = {each["code"] for each in findings if not faults & places(each)}
    assert beyond == set(said(file, "finds elsewhere"))
    assert run.exit_code == (2 if refusals else bool(findings))


def test_every_assumption_is_printed_beside_the_network(lint):
    run = lint("dcgan.py")
    printed = as_string(findings_text(run.reports), width=10_000)
    for report in run.reports:
        assert f"{report.label} ({'; '.join(report.assumptions)})" in printed


def test_what_is_left_of_python_2_is_refused_with_its_line(tmp_path):
    file = tmp_path / "net.py"
    file.write_text('import torch.nn as nn\nclass Net(nn.ReLU):\n    def forward(self, x):\n        print "x", x\n')
    (error,) = lint_models([str(file)], LintOrder(config=Config())).failures
    assert "SyntaxError: Missing parentheses in call to 'print'" in str(error)
    assert "net.py:4" in str(error)
