"""The core runs without any extra, and a missing one is a sentence."""

import os
import re
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path

import pytest

from convwright.errors import ConvwrightError
from convwright.extras import missing_extra, modules_of_extras, needs_extra

ROOT = Path(__file__).parents[1]

# No library that an extra brings can be found, except the one that torch needs itself.
BLOCKED = """
import sys
from convwright.extras import modules_of_extras

blocked = set().union(*modules_of_extras().values(), {"fastapi", "uvicorn"}) - {"filelock"}

class Without:
    def __init__(self, finder):
        self.finder = finder

    def __getattr__(self, name):
        return getattr(self.finder, name)

    def find_spec(self, name, *where):
        return None if name.partition(".")[0] in blocked else self.finder.find_spec(name, *where)

sys.meta_path[:] = [Without(finder) for finder in sys.meta_path]
"""


def run(program, folder):
    command = [sys.executable, "-c", BLOCKED + textwrap.dedent(program)]
    # In an empty cache: what is cached needs no library.
    paths = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "CONVWRIGHT_CACHE": str(folder)}
    environment = {**os.environ, **paths}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def test_extras_are_read_from_the_metadata():
    brought = modules_of_extras()
    assert {"torchvision", "datasets", "matplotlib"} <= brought["train"]
    assert brought["train"] | {"sqlalchemy", "scipy"} == brought["study"]
    assert "sklearn" in brought["transfer"]
    assert "nicegui" in brought["studio"]


def test_the_metadata_are_those_of_pyproject():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert len(project["dependencies"]) <= 9
    assert set(modules_of_extras()) == set(project["optional-dependencies"]) - {"all", "dev", "bench"}


@pytest.mark.parametrize(
    ("module", "extra", "named"),
    [("torchvision.models", "train", "train"), ("matplotlib", "", "plots"), ("sklearn", "train", "transfer")],
)
def test_the_extra_that_brings_the_library_is_named(module, extra, named):
    def use():
        with needs_extra(extra):
            raise ModuleNotFoundError(name=module)

    with pytest.raises(ConvwrightError, match=rf"is not installed; pip install 'convwright\[{named}\]'"):
        use()


def test_other_modules_are_none_of_ours():
    assert missing_extra(ModuleNotFoundError(name="something"), "train") is None
    assert missing_extra(ModuleNotFoundError()) is None


NET = """
from torch import nn

def Net():
    return nn.Sequential(
        nn.Conv2d(3, 8, 3),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(8, 10),
    )
"""
CORE = """
from convwright.cli.main import app

for words in (
    "--help", "models", "analyze resnet20 -o analysis.html", "analyze net.py:Net --input 3x32x32", "train --help",
    "field resnet20 -o field.html", "lint net.py:Net --input 3x32x32 --fix", "explain CW301", "sizes 3,1,1",
    "compare resnet20 resnet50 --no-latency -o comparison.html", "study --help", "transfer --help", "studio --help",
):
    assert app(words.split(), standalone_mode=False) in (0, 1, None), words

import convwright, torch

net = convwright.build("resnet20")
assert net(torch.zeros(1, 3, 32, 32)).shape == (1, 10)
assert convwright.fix(net, (1, 3, 32, 32)) and convwright.trace(net, (1, 3, 32, 32))
"""


def test_the_core_runs_without_any_extra(tmp_path):
    (tmp_path / "net.py").write_text(NET, encoding="utf-8")
    code, said = run(CORE, tmp_path)
    assert code == 0, said
    assert "published accuracies come with torchvision" in said.lower()
    assert "bias=False" in (tmp_path / "net.py").read_text(encoding="utf-8")
    assert {"analysis.html", "field.html", "comparison.html"} <= set(os.listdir(tmp_path))


CALLS = {
    "convwright.load_data('cifar10-mini')": "train",
    "convwright.load_data('digits')": "transfer",
    "convwright.Recipe(epochs=1).write(Path('recipe.toml'))": "train",
    "convwright.run_study": "study",
    "convwright.statistics.estimate([1.0, 2.0])": "study",
    "convwright.build('resnet18', weights='torchvision')": "pretrained",
    "convwright.build('efficientnet_lite0', weights='package')": "pretrained",
    "convwright.reports.figures.new_figure(1, 1)": "plots",
    "convwright.studio.web.server.serve(None, 0, print)": "studio",
    "main('train --model resnet20 --data cifar10-mini')": "train",
    "main('transfer --data cifar10-mini')": "transfer",
    "main('study list')": "study",
    "main('demo')": "study,transfer",
}
REFUSED = """
import importlib
from pathlib import Path
import convwright

def main(words):
    from convwright.cli.main import main
    sys.argv = ["convwright", *words.split()]
    main()

for call in {calls}:
    for module in ("statistics", "reports.figures", "studio.web.server"):
        if "convwright." + module in call:
            importlib.import_module("convwright." + module)
    print(call, file=sys.stderr)
    try:
        eval(call)
    except convwright.ConvwrightError as error:
        print(f"error: {{error}}", file=sys.stderr)
    except SystemExit:
        pass
"""


def test_a_missing_extra_is_one_sentence(tmp_path):
    code, said = run(REFUSED.format(calls=list(CALLS)), tmp_path)
    assert code == 0, said
    lines = said.splitlines()
    for call, extra in CALLS.items():
        found = lines[lines.index(call) + 1]
        assert re.fullmatch(rf"error: \w+ is not installed; pip install 'convwright\[{extra}\]'", found), (call, found)
