"""The first CNN of examples/: every mistake of it is found, and fixing leaves a clean and readable file."""

import ast
import shutil
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from convwright.analysis.analyze import analyze
from convwright.cli.main import app
from convwright.linter import lint
from convwright.networks import NetworkName, open_network
from reference.linting import codes

EXAMPLE = Path(__file__).parents[2] / "examples/flawed_net.py"
SHAPE = (1, 3, 32, 32)
# The chapter's common mistakes and checklist, and what else newcomers do.
MISTAKES = {
    "CW401": "too many fully connected layers at the end; no global pooling",
    "CW501": "no skip connections in a deep net",
    "CW301": "a convolution's bias before batch norm",
    "CW402": "7x7 windows everywhere",
    "CW310": "a convolution without batch norm",
    "CW203": "compute spent where it adds nothing to see: speed was not weighed",
    "CW601": "softmax in front of a loss that applies it",
    "CW303": "an activation twice",
    "CW110": "a layer that is never called",
}


@pytest.fixture
def copy(tmp_path):
    return Path(shutil.copy(EXAMPLE, tmp_path / "net.py"))


def build(file):
    return open_network(NetworkName(text=f"{file}:FlawedNet"))


def test_every_mistake_is_found(copy):
    network = build(copy)
    found = codes(lint(network.module, SHAPE, call_sites=network.call_sites))
    assert set(MISTAKES) - found == set()


def test_after_fixing_the_file_is_clean_and_readable(copy):
    before = copy.read_text()
    options = ["--input", "3x32x32", "--fix", "--unsafe-fixes"]
    result = CliRunner().invoke(app, ["lint", str(copy), *options], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert "not fixed" not in result.output
    after = copy.read_text()
    changed = set(before.splitlines()) ^ set(after.splitlines())
    assert len(changed) <= 16  # of 53: all else is as it was written
    assert ast.get_docstring(ast.parse(after)) == ast.get_docstring(ast.parse(before))
    network = build(copy)
    assert codes(lint(network.module, SHAPE, call_sites=network.call_sites), "error", "warning") == set()


def test_the_fixed_network_is_smaller_and_gives_logits(copy):
    flawed = analyze(build(EXAMPLE).module.eval(), SHAPE).totals
    CliRunner().invoke(app, ["lint", str(copy), "--input", "3x32x32", "--fix", "--unsafe-fixes"])
    model = build(copy).module.eval()
    fixed = analyze(model, SHAPE).totals
    assert fixed.macs < flawed.macs / 4
    assert fixed.parameters < flawed.parameters / 2
    with torch.no_grad():
        assert not torch.allclose(model(torch.randn(SHAPE)).sum(), torch.tensor(1.0))
