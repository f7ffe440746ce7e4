"""`convwright draw`: each format by the name of the file, and what cannot be drawn."""

import json

import pytest
from typer.testing import CliRunner

from convwright.cli.main import app
from convwright.errors import ConvwrightError

NET = """
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, x):
        return x + self.conv(x).relu()
"""


def invoke(*arguments):
    result = CliRunner().invoke(app, ["draw", *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


@pytest.mark.parametrize(
    ("suffix", "start"), [("svg", "<svg "), ("html", "<!doctype html>"), ("dot", 'digraph "'), ("json", "{")]
)
def test_the_name_of_the_file_says_the_format(tmp_path, suffix, start):
    path = tmp_path / f"net.{suffix}"
    assert invoke("resnet20", "-o", str(path)) == f"wrote {path}\n"
    assert path.read_text().startswith(start)


def test_the_graph_of_a_file_of_ones_own(tmp_path):
    (tmp_path / "net.py").write_text(NET)
    path = tmp_path / "net.json"
    invoke(f"{tmp_path / 'net.py'}:Net", "--input", "3x8x8", "-o", str(path))
    graph = json.loads(path.read_text())
    names = {node["id"]: node["op"] or node["kind"] for node in graph["nodes"]}
    edges = [(names[edge["source"]], names[edge["target"]], edge["kind"]) for edge in graph["edges"]]
    assert edges == [
        ("input", "conv2d", "flow"),
        ("input", "add", "skip"),
        ("conv2d", "relu", "flow"),
        ("relu", "add", "flow"),
        ("add", "output", "flow"),
    ]


def test_depth_folds_what_is_written(tmp_path):
    sizes = []
    for depth in ("1", "2", "9"):
        invoke("resnet20", "--depth", depth, "-o", str(tmp_path / "net.json"))
        graph = json.loads((tmp_path / "net.json").read_text())
        sizes.append(len(graph["nodes"]))
        # Three of the stem, nine blocks of seven, a convolution and norm on two shortcuts, pool and linear.
        assert sum(node["num_ops"] for node in graph["nodes"]) == 3 + 9 * 7 + 2 * 2 + 2
    assert sizes == sorted(set(sizes))


@pytest.mark.parametrize("name", ["net.png", "net", "net.SVGZ"])
def test_another_format_is_an_error_before_any_work(tmp_path, name):
    with pytest.raises(ConvwrightError, match=r"a name that ends in \.svg, \.html, \.dot or \.json"):
        CliRunner().invoke(app, ["draw", "no_such_model", "-o", str(tmp_path / name)], catch_exceptions=False)
