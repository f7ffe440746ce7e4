"""Which models are meant, and what becomes of each."""

import pytest

from convwright.cli._lint_jobs import NetworkOpener, check_settings, job_of, lint_models, named_models
from convwright.cli._lint_run import LintOrder
from convwright.errors import ConvwrightError
from convwright.linter.config import Config, find_config

NET = """
from torch import nn
class Block(nn.Module):
    def forward(self, x):
        return x
class Net(nn.Sequential):
    def __init__(self):
        super().__init__(Block())
class Told(nn.Sequential):
    def __init__(self, width):
        super().__init__(nn.ReLU())
def make():
    return nn.ReLU()
"""


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(NET)
    (tmp_path / "pyproject.toml").write_text(
        '[tool.convwright]\nmodels = ["net.py:make"]\nselect = ["CW3"]\n'
        '[tool.convwright.per-model."net.py:Told"]\ninput = ["1x3x4x4"]\narg = {width = 4}\n'
    )


def test_a_file_is_its_networks_and_its_listed_factories(tmp_path):
    config = find_config(tmp_path)
    assert named_models(["net.py", "resnet18", "net.py:Net"], LintOrder(config=config)) == (
        ["net.py:Net", "net.py:Told", "net.py:make", "resnet18"],
        [],
        [],
        [],
    )
    assert named_models(config.models, LintOrder(config=config))[0] == ["net.py:make"]


def test_files_without_networks_do_not_keep_others_from_it(tmp_path):
    (tmp_path / "empty.py").write_text("x = 1\n")
    (tmp_path / "broken.py").write_text("x = \n")
    named, failures, *_ = named_models(["empty.py", "net.py", "broken.py", "none.py"], LintOrder(config=Config()))
    assert named == ["net.py:Net", "net.py:Told"]
    told = list(map(str, failures))
    assert ["has no network" in told[0], "does not import" in told[1], "none.py" in told[2]] == [True] * 3


PARTLY = """
from torch import nn
class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
    def forward(self, x):
        return self.conv(x)
class Fails(Layer):
    def __init__(self, gadget):
        self.gadget = gadget.parts
class Block(Layer):
    def __init__(self, gadget):
        self.gadget = gadget.parts
class Settings:
    block = Block
def make_failing(gadget):
    return Fails(gadget)
with open("runs") as file:
    PARTS = file.read()
class LeftOut(Layer):
    def __init__(self, parts=PARTS[0]):
        super().__init__()
    def forward(self, x):
        return self.conv(x)
class Data:
    parts = PARTS[0]
"""


def test_each_network_that_cannot_be_built_is_a_failure_and_a_block_is_none(tmp_path):
    (tmp_path / "partly.py").write_text(PARTLY)
    done = lint_models(["partly.py"], LintOrder(config=Config()))
    assert [report.label for report in done.reports] == ["partly.py:Layer"]
    assert sorted(str(error).partition(" ")[0] for error in done.failures) == ["partly.py:Fails", "partly.py:LeftOut"]
    assert done.exit_code == 2


def test_a_network_that_did_not_come_back_is_not_tried_again(tmp_path):
    order = LintOrder(config=Config(), skipped=frozenset(["net.py:Net", "one.py:Net"]))
    assert named_models(["net.py"], order).names == ["net.py:Told"]
    (tmp_path / "one.py").write_text(NET.partition("class Told")[0])
    assert named_models(["one.py"], order) == ([], [], [], [])


def test_many_variants_are_not_all_linted(tmp_path):
    text = "from torch import nn\nclass Net(nn.Sequential):\n    def __init__(self, width):\n"
    text += "        super().__init__(nn.Conv2d(3, width, 3))\n"
    text += "def make(width):\n    return Net(width)\n"
    text += "".join(f"def net{n}():\n    net = make({n})\n    return net\n" for n in range(1, 19))
    (tmp_path / "many.py").write_text(text)
    found = named_models(["many.py"], LintOrder(config=Config()))
    assert found.names == [f"many.py:net{n}" for n in range(1, 17)]
    assert found.not_built == ["many.py: 2 more networks of the same kind: name one to lint it, as many.py:net17"]


def test_what_the_command_line_says_comes_first(tmp_path):
    config = find_config(tmp_path)
    job = job_of("net.py:Told", LintOrder(config=config, flags={"loss": "mse"}), NetworkOpener())
    assert ([each.shape for each in job.inputs], job.settings.loss) == ([(1, 3, 4, 4)], "mse")
    assert job.settings.select == ("CW3",)
    assert job.report().label == "net.py:Told"
    order = LintOrder(config=config, flags={"select": ["CW301"]}, inputs=("3x8x8", "2x5"), arguments=("width=5",))
    job = job_of("net.py:Told", order, NetworkOpener())
    assert ([each.shape for each in job.inputs], job.settings.select) == ([(1, 3, 8, 8), (2, 5)], ("CW301",))


def test_a_mistyped_code_is_found_before_anything_is_built():
    with pytest.raises(ConvwrightError, match="unknown rule"):
        check_settings(["nowhere.py:Net"], LintOrder(config=Config(), flags={"select": ["CW3O1"]}))


def test_a_file_of_a_folder_may_have_no_network(tmp_path):
    (tmp_path / "empty.py").write_text("x = 1\n")
    done = lint_models(["empty.py"], LintOrder(config=Config(), in_folders=frozenset(["empty.py"])))
    assert (done.passed_over, done.failures, done.exit_code) == (("empty.py",), (), 0)
    assert lint_models(["empty.py"], LintOrder(config=Config())).exit_code == 2


def test_computing_may_be_forbidden():
    jobs = [
        job_of("net.py:make", LintOrder(config=Config(), values=values), NetworkOpener()) for values in (True, False)
    ]
    assert [job.values for job in jobs] == [True, False]
