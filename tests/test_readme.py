"""The README: each block is run as it is printed, and what it counts and lists is what there is."""

import importlib.util
import re
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

from convwright.cli.main import app
from convwright.linter import all_rules
from convwright.models import families, model_names

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def readme():
    spec = importlib.util.spec_from_file_location("docs_readme", ROOT / "docs/readme.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_block_does_what_is_printed(readme, tmp_path):
    assert readme.rerun(TEXT, tmp_path) == TEXT, "run `python docs/readme.py`"


def test_there_are_no_blocks_that_nothing_runs(readme):
    assert re.findall(r"```(\w*)\n.*?```", TEXT, re.DOTALL) == [found[1] for found in readme.BLOCK.finditer(TEXT)]


def test_a_block_that_prints_something_else_is_found(readme, tmp_path):
    block = "```console\n$ convwright sizes 3,1,1 --size {}\n{}```\n"
    right = readme.rerun(block.format(8, ""), tmp_path)
    assert "8 px through 1 layers" in right
    assert readme.rerun(right.replace("--size 8", "--size 9"), tmp_path) != right
    assert "Error" in readme.rerun(block.format("none", "...\n"), tmp_path)
    assert readme.rerun(block.format(8, "...\n"), tmp_path) == block.format(8, "...\n")


def test_its_counts_are_written_by_the_script(readme, tmp_path):
    text = readme.rerun("1 design rules; 2 variants of 3 families", tmp_path)
    assert text == f"{len(all_rules())} design rules; {len(model_names())} variants of {len(families())} families"
    assert text.partition(";")[0] in TEXT


def test_the_table_has_every_verb_and_only_extras_that_exist():
    rows = re.findall(r"^\| (`.*?`) \| .* \|(.*)\|$", TEXT, re.MULTILINE)
    verbs = [verb for names, _ in rows for verb in re.findall(r"`(\w+)`", names)]
    assert sorted(verbs) == sorted(get_command(app).commands)
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    named = {extra for _, cell in rows for extra in re.findall(r"`(\w+)`", cell)}
    assert named
    assert named <= extras.keys()


def test_the_examples_are_named():
    assert "`examples/` has six scripts" in TEXT
    assert len(list((ROOT / "examples").glob("[0-9]*.py"))) == 6


def test_it_is_short():
    assert len(TEXT.splitlines()) <= 215
