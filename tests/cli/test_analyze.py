"""`convwright analyze`: every kind of MODEL, every format, and what is said when it cannot be done."""

import json
from pathlib import Path

import pytest
from jsonschema import validate
from typer.testing import CliRunner

from convwright.cli.main import app
from convwright.errors import ConvwrightError
from reference.html import Page

ROOT = Path(__file__).parents[2]
NET = """
from torch import nn

class Net(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3)
        self.head = nn.Linear({features}, 10)

    def forward(self, x):
        x = self.conv(x).relu()
        return self.head(x.flatten(1))

class Branching(Net):
    def forward(self, x):
        return super().forward(x if x.mean() > 0 else -x)

class Auxiliary(Net):
    def __init__(self):
        super().__init__()
        self.aux = nn.Linear(8, 10)

    def forward(self, x):
        extra = self.aux(self.conv(x).mean((2, 3))) if self.training else 0
        return super().forward(x) + extra

def make(words):
    return Net(len(words.all_of_them))
"""


def invoke(*arguments):
    result = CliRunner().invoke(app, ["analyze", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def net(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "net.py"
    path.write_text(NET.format(features=8 * 30 * 30))
    return path


def test_a_zoo_model_as_text():
    output = invoke("resnet20")
    assert "269,722" in output
    assert "81 px" in output  # 1 + 2 * (8 * 1 + 6 * 2 + 5 * 4): its 3x3 convolutions by their jump


def test_the_zoo_takes_its_own_input_and_options():
    read = json.loads(invoke("resnet20", "--arg", "num_classes=100", "--arg", "in_channels=1", "--format", "json"))
    assert read["input"] == [[1, 1, 32, 32]]
    assert read["ops"][-1]["output_shape"] == [1, 100]


@pytest.mark.parametrize("model", ["torchvision:squeezenet1_1", "timm:mobilenetv3_small_050"])
def test_torchvision_and_timm(model):
    read = json.loads(invoke(model, "--input", "3x64x64", "--format", "json"))
    assert read["totals"]["macs"] > 1e6
    assert read["uncounted"] == []


def test_a_users_file(net):
    read = json.loads(invoke(f"{net}:Net", "--input", "3x32x32", "--format", "json"))
    assert [op["kind"] for op in read["ops"]] == ["conv2d", "relu", "flatten", "linear"]
    assert read["ops"][0]["source"] == "net.py:11"


def test_a_users_file_that_needs_numbers(net):
    read = json.loads(invoke(f"{net.name}:Branching", "--input", "3x32x32", "--format", "json"))
    assert [op["kind"] for op in read["ops"]][:3] == ["mean", "gt", "conv2d"]
    assert [each["name"] for each in read["depends_on_values"]] == ["if"]


def test_train_shows_what_only_train_mode_runs(net):
    words = " ".join(invoke(f"{net.name}:Auxiliary", "--input", "3x32x32").split())
    assert "2 parameters are used in train mode only: aux.weight, aux.bias" in words
    assert "never used" not in words
    read = json.loads(invoke(f"{net.name}:Auxiliary", "--input", "3x32x32", "--train", "--format", "json"))
    assert [op["path"] for op in read["ops"] if op["kind"] == "linear"] == ["aux", "head"]


def test_markdown_and_html_files_are_whole(tmp_path):
    for form, suffix in (("markdown", "md"), ("html", "html"), ("text", "txt")):
        path = tmp_path / f"report.{suffix}"
        assert f"wrote {path}" in invoke("resnet20", "--format", form, "-o", str(path)).replace("\n", "")
        assert "269,722" in path.read_text()
    assert Page((tmp_path / "report.html").read_text()).unclosed == []
    assert sorted(p.name for p in tmp_path.iterdir()) == ["report.html", "report.md", "report.txt"]


def test_stages():
    lines = [line for line in invoke("resnet20", "--stages").splitlines() if line.startswith("stage ")]
    assert len(lines) == 4  # 32, 16, 8 and the head


def test_stages_as_json_are_stages():
    read = json.loads(invoke("resnet20", "--stages", "--format", "json"))
    assert [stage["size_px"] for stage in read["stages"]] == [[32, 32], [16, 16], [8, 8], []]


def test_columns_sorted_and_filtered_as_csv():
    lines = invoke(
        "resnet20", "--columns", "macs,kernel", "--sort", "macs", "--filter", "Conv2d", "--format", "csv"
    ).splitlines()
    assert lines[0] == "level,layer,path,macs,kernel"
    assert len(lines) == 1 + 19  # 6 * 3 + 1 convolutions; shortcuts have none
    assert lines[1].endswith(",2359296,3x3")  # 16 * 16 * 9 at 32x32


def test_a_table_as_markdown():
    text = invoke("resnet20", "--columns", "output,percent", "--depth", "1", "--format", "markdown")
    assert "| layer | output | params, % |" in text
    assert "field" not in text.partition("## Totals")[2].partition("- ")[2]


def test_latency_of_several_inputs_is_measured():
    model = f"{Path(__file__).parents[1]}/wild/files/inputs/two_inputs.py:Fusion"
    output = invoke(model, "--latency", "--batch", "2", "--precision", "fp32")
    assert "not measured" not in output
    assert "channels last" in output


def test_latency_is_measured_where_asked():
    output = invoke("resnet20", "--depth", "1", "--latency", "--batch", "2", "--precision", "fp32", "--threads", "1")
    assert "latency on cpu, 1 thread" in output
    rows = [line.split()[:4] for line in output.splitlines() if line.startswith("2 ")]
    assert rows == [["2", "fp32", "it", "is"], ["2", "fp32", "channels", "last"]]
    assert "slowest modules" in output
    assert "MACs a byte" in output
    assert "latency" in output.splitlines()[1]


def test_latency_is_in_the_json():
    read = json.loads(invoke("resnet20", "--latency", "--batch", "1", "--precision", "fp32", "--format", "json"))
    validate(read, json.loads((ROOT / "docs" / "analysis.schema.json").read_text(encoding="utf-8")))
    assert [row["channels_last"] for row in read["latency"]["measured"]] == [False, True]
    assert {"path", "own_median_seconds"} < set(read["latency"]["modules"]["modules"][0])


def test_a_column_of_latency_is_measured_too():
    lines = invoke("resnet20", "--columns", "latency", "--depth", "1", "--format", "csv").splitlines()
    times = [float(line.split(",")[-1]) for line in lines[1:]]
    assert times[0] > max(times[1:]) > 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["resnet51"], "did you mean"),
        (["torchvision:resnet51"], "resnet51"),
        (["nothing.py:Net"], "nothing.py"),
        (["net.py:Nett"], "did you mean Net"),
        (["net.py:make"], "words"),
        (["net.py:Net", "--arg", "depth=3"], "depth"),
        (["net.py:Net", "--input", "3x20x20"], "in_features=2592"),
        (["net.py:Net", "--input", "threexfour"], "threexfour"),
        (["resnet20", "--arg", "num_classes"], "num_classes"),
        (["resnet20", "--arg", "weights=nothing.pth"], "nothing.pth"),
        (["resnet20", "-o", "/no/such/folder/report.txt"], "cannot write"),
        (["resnet20", "--columns", "output,maccs"], "did you mean macs"),
        (["resnet20", "--sort", "size"], "unknown column 'size'"),
        (["resnet20", "--filter", "conv9"], "unknown layer 'conv9'"),
        (["resnet20", "--sort", "macs", "--format", "json"], "expected --format text, markdown or csv, got json"),
        (["resnet20", "--threads", "2"], "--threads: expected --latency"),
        (["resnet20", "--filter", "*", "--stages"], "--filter: expected the table of layers, got --stages"),
        (["net.py:Branching", "--input", "3x32x32", "--no-values"], "without --no-values"),
    ],
)
def test_what_cannot_be_done_is_one_clear_error(net, arguments, told):
    assert net.exists()
    with pytest.raises(ConvwrightError) as caught:
        invoke(*arguments)
    assert told in str(caught.value)
