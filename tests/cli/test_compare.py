"""`convwright compare`."""

import json

import pytest
from typer.testing import CliRunner

from convwright.cli.compare import CHAPTER
from convwright.cli.main import app
from convwright.errors import ConvwrightError


def invoke(*arguments):
    return CliRunner().invoke(app, ["compare", *arguments], catch_exceptions=False)


def test_the_chapters_architectures_by_default():
    read = json.loads(invoke("--no-latency", "--format", "json").stdout)
    assert [row["model"] for row in read["models"]] == CHAPTER
    assert read["models"][0]["top1_percent"] == 71.592  # torchvision's metadata of VGG16_Weights.IMAGENET1K_V1
    assert read["models"][0]["latency"] is None


def test_latency_is_measured_by_default():
    read = json.loads(invoke("resnet20", "--format", "json").stdout)
    latency = read["models"][0]["latency"]
    assert latency["median_seconds"] > 0
    assert latency["repeats"] >= 7


def test_a_page_goes_to_a_file(tmp_path):
    path = tmp_path / "comparison.html"
    assert invoke("resnet18", "mobilenet_v2", "--no-latency", "--format", "html", "-o", str(path)).exit_code == 0
    assert "69.76" in path.read_text()


def test_one_unknown_model_stops_it():
    with pytest.raises(ConvwrightError, match="unknown model 'resnet51'"):
        invoke("resnet18", "resnet51", "--no-latency")


def test_a_file_of_yours_is_compared(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = "from torch import nn\nnet = nn.Sequential(nn.Conv2d(1, 2, 3))\n"
    (tmp_path / "net.py").write_text(text)
    read = json.loads(invoke("net.py", "resnet20", "--no-latency", "--format", "json").stdout)
    assert [row["totals"]["parameters"] for row in read["models"]] == [20, 269_722]


def test_two_networks_layer_by_layer():
    output = " ".join(invoke("resnet20", "resnet32", "--layers", "--no-latency").stdout.split())
    assert "only in resnet32: 14 layers" in output
    read = json.loads(invoke("resnet20", "resnet32", "--layers", "--no-latency", "--format", "json").stdout)
    assert read["layers"][0]["layers"][0] is None
    markdown = invoke("resnet20", "resnet32", "--layers", "--no-latency", "--format", "markdown").stdout
    assert "| layer | difference |" in markdown


def test_layers_are_those_of_two_networks():
    with pytest.raises(ConvwrightError, match="--layers: expected two networks, got 1"):
        invoke("resnet20", "--layers", "--no-latency")


def test_the_network_that_fails_is_named_and_nothing_is_computed_where_that_is_forbidden(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = "from torch import nn\nclass Net(nn.Conv2d):\n    def forward(self, x):\n"
    text += "        return super().forward(x if x.mean() > 0 else -x)\nnet = Net(3, 2, 3)\n"
    (tmp_path / "net.py").write_text(text)
    both = ("net.py:net", "resnet20", "--no-latency", "--input", "3x32x32", "--format", "json")
    assert json.loads(invoke(*both).stdout)["models"][0]["totals"]["parameters"] == 56
    with pytest.raises(ConvwrightError, match=r"net\.py.*--no-values"):
        invoke(*both, "--no-values")
