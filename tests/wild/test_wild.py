"""Files as people leave them, opened as they lie: what they define is there, and none of their work is done."""

import json
import os
import sys
from pathlib import Path

import pytest
import torchvision  # noqa: F401 - importing it changes os.environ, the first time
from typer.testing import CliRunner

from convwright.cli.main import app
from convwright.errors import ConvwrightError
from convwright.networks import NetworkName, open_network
from convwright.networks.candidates import candidates
from convwright.networks.inputs.network_input import typed
from convwright.networks.reading.edited import source_text
from convwright.networks.reading.file_import import fresh_imports, load_file
from convwright.networks.reading.installed import is_source_file
from convwright.networks.reading.reader import file_reader

FOLDER = Path(__file__).parent / "files"
FILES = sorted(
    str(file.relative_to(FOLDER))
    for file in FOLDER.rglob("*.*")
    if is_source_file(file.name) and file.stem != "__init__" and FOLDER / "scripts" not in file.parents
)


def said(file: str, word: str) -> list[str]:
    """Return the items of a line `# WORD: item; item` of a file."""
    lines = source_text(str(FOLDER / file)).splitlines()
    line = next((line for line in lines if line.startswith(f"# {word}:")), "")
    return [item.strip() for item in line.partition(":")[2].split(";") if item.strip()]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "torchinfo", None)  # which the benchmarks install
    with fresh_imports():
        yield tmp_path


@pytest.mark.parametrize("file", FILES)
def test_only_what_defines_something_runs(file, elsewhere, capfd):
    state = list(sys.path), list(sys.argv), list(sys.meta_path), dict(os.environ)
    path = str(FOLDER / file)
    with fresh_imports():
        assert candidates(path) == said(file, "networks")
    with file_reader(path) as reader:
        load_file(path, reader)
    reasons = {each.reason for each in reader.left_out}
    for reason in said(file, "left out"):
        assert any(each.startswith(reason) for each in reasons), (reason, reasons)
    assert bool(reasons) == bool(said(file, "left out"))
    assert (list(sys.path), list(sys.argv), list(sys.meta_path), dict(os.environ)) == state
    assert list(elsewhere.iterdir()) == []
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize("file", [file for file in FILES if said(file, "networks")])
def test_its_networks_open(file, elsewhere):
    for name in said(file, "networks"):
        network = open_network(NetworkName(text=f"{FOLDER / file}:{name}"), computes=False)
        assert list(network.module.parameters())
        if "\n# arguments:" in (FOLDER / file).read_text(encoding="utf-8"):
            assert [text.replace(f"{FOLDER}/", "") for text in network.assumed] == said(file, "arguments")
        assert len(network.left_out) >= len(said(file, "left out"))
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("file", [file for file in FILES if said(file, "input")])
def test_its_input_is_found_and_said(file):
    (name,) = said(file, "networks")
    network = open_network(NetworkName(text=f"{FOLDER / file}:{name}"), computes=False)
    assert typed(network.inputs) == said(file, "input")[0]
    assert network.choice.error is None
    for words in said(file, "assumed"):
        assert words in network.assumptions[-1]


@pytest.mark.parametrize("file", [file for file in FILES if said(file, "finding")])
def test_a_true_shape_error_is_one_finding(file):
    (name,) = said(file, "networks")
    path = f"{FOLDER / file}:{name}"
    result = CliRunner().invoke(app, ["lint", path, "--format", "json"], catch_exceptions=False)
    (report,) = json.loads(result.stdout)["reports"]
    assert [finding["code"] for finding in report["findings"]] == said(file, "finding")
    assert "no input fits of those tried" in report["assumptions"][-1]
    refused = CliRunner().invoke(app, ["analyze", path])
    assert isinstance(refused.exception, ConvwrightError)
    assert "no input fits of those tried (1x3x224x224, " in str(refused.exception)


@pytest.mark.parametrize("file", [file for file in FILES if said(file, "failure")])
def test_a_network_that_refuses_all_inputs_is_one_error(file):
    (name,) = said(file, "networks")
    for verb in ("lint", "analyze"):
        result = CliRunner().invoke(app, [verb, f"{FOLDER / file}:{name}"])
        words = f"{result.stderr} {result.exception}"
        assert all(words.count(each) == 1 for each in [*said(file, "failure"), "--input CxHxW"]), words


def test_lines_left_out_are_named():
    network = open_network(NetworkName(text=f"{FOLDER}/arguments.py:Net"))
    first = network.left_out[0]
    assert (first.line, first.text, first.reason) == (11, "args = parser.parse_args()", "parses arguments")
    assert network.left_out[1].reason == "needs args, which line 11 was to define"


NEEDS = """
import wild_missing_lib as lib
from torch import nn
args = input("width? ")
net = nn.Conv2d(3, len(args), 3)

def make():
    return nn.Conv2d(3, args.width, 3)

def attention():
    return nn.Sequential(lib.Attention(4))
"""


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("net", r"net is not defined: got 'net = nn.Conv2d.*net.py:5\).*needs args, which line 4"),
        ("make", r"args is not defined: got 'args = input.*net.py:4\), left out because it asks for input; --import"),
        ("attention", r"lib.Attention is needed at net.py:11: expected wild_missing_lib, which net.py:2 imports"),
    ],
)
def test_what_is_needed_and_was_left_out(elsewhere, name, message):
    (elsewhere / "net.py").write_text(NEEDS)
    with pytest.raises(ConvwrightError, match=message):
        open_network(NetworkName(text=f"net.py:{name}"))


def test_a_name_of_another_file_that_was_left_out(elsewhere):
    (elsewhere / "settings_of_it.py").write_text("import sys\nargs = input()\n")
    text = "import settings_of_it\nfrom torch import nn\ndef net():\n    return nn.Conv2d(3, settings_of_it.args, 3)\n"
    (elsewhere / "net.py").write_text(text)
    star = "from settings_of_it import *\nfrom torch import nn\ndef net():\n    return nn.Conv2d(3, args, 3)\n"
    (elsewhere / "star.py").write_text(star)
    for file in ("net.py", "star.py"):
        with pytest.raises(
            ConvwrightError, match=r"args is not defined: got 'args = input\(\)' \(settings_of_it.py:2\)"
        ):
            open_network(NetworkName(text=f"{file}:net"))


def invoke(*arguments):
    return CliRunner().invoke(app, ["lint", *arguments, "--input", "3x16x16"], catch_exceptions=False)


def test_prints_stay_out_of_the_formats():
    result = invoke(f"{FOLDER}/speaks.py", "--format", "json")
    assert [report["model"] for report in json.loads(result.stdout)["reports"]] == [f"{FOLDER}/speaks.py:Net"]
    assert result.stderr == ""


def test_import_runs_all_and_verbose_says_what_is_not_run():
    assert "loading" in invoke(f"{FOLDER}/speaks.py", "--import", "--format", "json").stderr
    assert "left out: " not in invoke(f"{FOLDER}/speaks.py").stderr
    assert 'speaks.py:6: print("loading") (prints)' in invoke(f"{FOLDER}/speaks.py", "-v").stderr
