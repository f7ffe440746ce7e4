"""The zoo may be opened, and of the files only the one that was named."""

import os
from pathlib import Path

import pytest

from convwright.child_process import Limits
from convwright.errors import ConvwrightError
from convwright.models import families, model_names
from convwright.studio.shared import user_network, workbench
from convwright.studio.shared.design import Design
from convwright.studio.shared.workbench import FIRST, Workbench

NET = """
from torch import nn


class Net(nn.Sequential):
    def __init__(self, num_classes=10, pool=nn.AdaptiveAvgPool2d):
        super().__init__(
            nn.Conv2d(3, {width}, 3),
            nn.BatchNorm2d({width}),
            nn.ReLU(),
            pool(1),
            nn.Flatten(),
            nn.Linear({width}, num_classes),
        )
"""


@pytest.fixture
def net(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("net.py").write_text(NET.format(width=8))
    return "net.py:Net"


def test_the_zoo_is_there_by_family():
    bench = Workbench()
    assert bench.models() == {name: list(family.variants) for name, family in families().items()}
    assert bench.zoo == set(model_names())
    assert bench.first == bench.design({}) == Design(model=FIRST)
    assert Workbench("vgg16").first == Design(model="vgg16")


def test_a_named_file_is_opened_with_its_lines_and_built_anew_each_time(net):
    bench = Workbench(net)
    assert bench.models()["yours"] == [net]
    view = bench.view(bench.first)
    assert view.analysis.totals.parameters == 3 * 8 * 9 + 8 + 16 + 90
    assert view.has_source
    assert "net.py" in str(view.findings[0].first.place)
    Path("net.py").write_text(NET.format(width=16))
    assert bench.view(bench.first).analysis.totals.parameters == 3 * 16 * 9 + 16 + 32 + 170


def test_its_input_is_a_knob_and_so_are_its_arguments(net):
    bench = Workbench(net)
    assert {knob.name: knob.default for knob in bench.knobs(net)} == {"input": "3x224x224", "num_classes": 10}
    assert bench.view(bench.design({"num_classes": "2"})).analysis.totals.parameters == 3 * 8 * 9 + 8 + 16 + 18
    view = bench.view(bench.design({"model": net, "input": "3x40x50"}))
    assert view.analysis.input_shapes == ((1, 3, 40, 50),)
    assert "sizes such as" in bench.view(bench.design({"input": "large"})).problem


@pytest.mark.parametrize(
    ("file", "inputs"),
    [
        ("flattened_size.py:Net", "3x64x64"),
        ("signal.py:Ecg", "1x12x1000"),
        ("two_inputs.py:Fusion", "color=3x224x224, depth=1x224x224"),
        ("tokens.py:Classifier", "1x16:int64"),
    ],
)
def test_its_first_page_has_an_input_that_fits(file, inputs):
    name = f"{Path(__file__).parents[2]}/wild/files/inputs/{file}"
    bench = Workbench(name)
    view = bench.view(bench.first)
    assert (view.problem, bench.knobs(name)[0].default) == ("", inputs)
    assert "Assumed: " in bench.knobs(name)[0].help
    assert bench.view(bench.design({"model": name, "input": inputs})).problem == ""


def test_inputs_of_the_command_line_come_first(net):
    bench = Workbench(net, inputs="3x20x20")
    assert bench.knobs(net)[0].default == "3x20x20"
    assert bench.view(bench.first).analysis.input_shapes == ((1, 3, 20, 20),)
    assert bench.view(bench.design({"input": "3x9x9"})).analysis.input_shapes == ((1, 3, 9, 9),)
    with pytest.raises(ConvwrightError, match="--input: expected a model that is not of the zoo"):
        Workbench("resnet20", inputs="3x20x20")


def test_a_network_that_no_input_fits_says_so_once():
    name = f"{Path(__file__).parents[2]}/wild/files/inputs/true_shape_error.py:Net"
    bench = Workbench(name)
    view = bench.view(bench.first)
    assert "no input fits of those tried (1x3x224x224, " in view.problem
    assert [group.first.code for group in view.findings] == ["CW101"]


def test_arguments_of_the_command_line_are_where_its_knobs_begin(net):
    bench = Workbench(net, {"num_classes": 3})
    assert {knob.name: knob.default for knob in bench.knobs(net)}["num_classes"] == 3
    assert bench.view(bench.first).analysis.totals.parameters == 3 * 8 * 9 + 8 + 16 + 27
    with pytest.raises(ConvwrightError, match="did you mean num_classes"):
        Workbench(net, {"num_clases": 3})
    with pytest.raises(ConvwrightError, match="turn the page's knobs"):
        Workbench("resnet20", {"num_classes": 3})


def test_a_file_alone_is_its_only_network_and_arguments_that_were_found_are_knobs(net):
    Path("net.py").write_text(NET.format(width=8).replace("num_classes=10", "num_classes"))
    bench = Workbench("net.py")
    assert (bench.named, bench.file) == (net, Path("net.py").resolve())
    assert {knob.name: knob.default for knob in bench.knobs(net)}["num_classes"] == 10
    assert bench.view(bench.design({"num_classes": "2"})).analysis.totals.parameters == 3 * 8 * 9 + 8 + 16 + 18


def test_all_of_its_file_runs_where_that_is_asked_for(net):
    Path("width.txt").write_text("four")
    text = NET.format(width="WIDTH")
    text = text.replace("class Net", 'import os\nWIDTH = os.stat("width.txt").st_size\nclass Net')
    Path("net.py").write_text(text)
    with pytest.raises(ConvwrightError, match=r"WIDTH is not defined.*--import"):
        Workbench(net)
    bench = Workbench(net, run_all=True)
    assert bench.view(bench.first).analysis.totals.parameters == 3 * 4 * 9 + 4 + 8 + 50


@pytest.mark.parametrize("name", ["net.py:Net", "other.py:Net", "os:system", "torchvision:resnet18", "../net.py:Net"])
def test_what_was_not_named_is_not_opened(net, name):
    bench = Workbench()
    with pytest.raises(ConvwrightError, match="unknown model"):
        bench.design({"model": name})
    if name != net:
        with pytest.raises(ConvwrightError, match="unknown model"):
            Workbench(net).design({"model": name})


def test_a_model_that_is_not_there_is_said_at_once():
    with pytest.raises(ConvwrightError, match=r"did you mean .*resnet50"):
        Workbench("resnet5O")


def test_views_of_the_zoo_are_kept_but_not_all(monkeypatch):
    monkeypatch.setattr(workbench, "_KEPT", 2)
    bench = Workbench("resnet20")
    first = bench.view(bench.first)
    assert bench.view(bench.first) is first
    for classes in ("2", "3"):
        bench.view(bench.design({"num_classes": classes}))
    assert bench.view(bench.first) is not first
    assert len(bench._views) == 2


RUN = "import os\nwith open('runs', 'a') as file:\n    file.write(f'{os.getpid()} ')\n"
LOOPS = "from torch import nn\nclass Stem(nn.Conv2d):\n    def forward(self, x):\n        while True: pass\n"


def test_a_file_is_run_once_for_each_state_and_never_in_this_process(net):
    Path("parts_of_bench.py").write_text(RUN)
    Path("net.py").write_text("import parts_of_bench\n" + NET.format(width=8))
    bench = Workbench(net, run_all=True)
    for _ in range(2):
        assert bench.view(bench.first).problem == ""
    Path("parts_of_bench.py").write_text(RUN + "# edited\n")
    for _ in range(2):
        bench.view(bench.first)
    pids = Path("runs").read_text().split()
    assert len(pids) == 2
    assert str(os.getpid()) not in pids


def test_a_network_that_does_not_come_back_is_a_sentence_until_what_it_imports_is_edited(net, monkeypatch):
    monkeypatch.setattr(user_network, "Limits", lambda: Limits(seconds=0.7))
    text = (
        NET.format(width=8)
        .replace("nn.Conv2d", "Stem")
        .replace("import nn\n", "import nn\nfrom stem_of_it import Stem\n")
    )
    Path("stem_of_it.py").write_text(LOOPS.replace("while True: pass", "return super().forward(x)"))
    Path("net.py").write_text(text)
    bench = Workbench(net)
    assert bench.view(bench.first).problem == ""
    Path("stem_of_it.py").write_text(LOOPS)
    view = bench.view(bench.first)
    assert view.problem.startswith("net.py did not come back within 0.7 s: got 'while True: pass' (stem_of_it.py:4)")
    assert bench.view(bench.first) is view
    Path("stem_of_it.py").write_text(LOOPS.replace("while True: pass", "return super().forward(x)  # mended"))
    assert bench.view(bench.first).problem == ""
