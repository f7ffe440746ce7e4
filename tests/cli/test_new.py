"""`convwright new`: what it writes passes the project's own checks."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from convwright.cli.main import app
from convwright.errors import ConvwrightError
from convwright.linter import all_rules
from reference.sampling import sampled

ROOT = Path(__file__).parents[2]
RUN = CliRunner()


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A copy of this repository, as a newcomer has it."""
    for part in ("src", "tests/contracts", "tests/reference", "tests/conftest.py", "conftest.py", "pyproject.toml"):
        source, target = ROOT / part, tmp_path / part
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def invoke(*arguments):
    return RUN.invoke(app, ["new", *arguments], catch_exceptions=False)


# What to ask for, and what is written for it: a file of src and its test. The names are none that anybody would add.
KINDS = {
    ("layer", "Unheard", "--pooling"): "layers/pooling/unheard.py",
    ("layer", "unseen"): "layers/unseen.py",
    ("family", "UnheardNet"): "models/unheardnet.py",
    ("rule", "un_heard", "--topic", "normalization"): "linter/rules/normalization/un_heard.py",
    ("study", "unheard-study"): "studies/library/unheard_study.py",
    ("lesson", "unheard_lesson"): "studio/bricks/lessons/unheard_lesson.py",
    ("format", "unheard_format"): "transfer_learning/formats/unheard_format.py",
}


def test_what_is_written_passes_lint_and_contracts(checkout):
    modules, tests, names = [], set(), []
    for words in sampled((" ".join(arguments) for arguments in KINDS), 3):
        arguments = tuple(words.split())
        path = KINDS[arguments]
        output = invoke(*arguments).output
        folder, _, name = path.rpartition("/")
        names.append(name.removesuffix(".py"))
        modules.append(f"src/convwright/{path}")
        assert f"wrote {modules[-1]}\nwrote tests/{folder}/test_{name}\n" in output
        tests |= set(re.findall(r"tests/\S+\.py", output))  # those that it says to run
    cache = f"--cache-dir={ROOT / '.mypy_cache'}"  # what `make test` checked just before
    for command in (
        ["ruff", "check", *modules, *tests],
        ["ruff", "format", "--check", *modules, *tests],
        ["mypy", cache],
    ):
        done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
    wanted = " or ".join({*names, *(name.replace("_", "-") for name in names)})
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *tests, *modules, "-k", wanted, "-p", "no:cacheprovider"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(checkout / "src")},
    )
    assert done.returncode == 0, done.stdout[-3000:]


def test_capitals_are_kept_and_the_file_is_named_as_its_neighbors(checkout):
    invoke("family", "UnheardNet")
    text = (checkout / "src/convwright/models/unheardnet.py").read_text(encoding="utf-8")
    assert "class UnheardNetConfig(NetConfig)" in text
    assert 'FAMILY = Family(module=UnheardNet, variants={"unheardnet": UnheardNetConfig()})' in text
    invoke("layer", "UnHeard", "--pooling")
    text = (checkout / "src/convwright/layers/pooling/un_heard.py").read_text(encoding="utf-8")
    assert "class UnHeardPool2d(WindowPool2d)" in text
    invoke("layer", "UnheardPool2d", "--pooling")
    text = (checkout / "src/convwright/layers/pooling/unheard.py").read_text(encoding="utf-8")
    assert "class UnheardPool2d(WindowPool2d)" in text


def test_a_rule_gets_the_code_after_the_highest_of_its_topic(checkout):
    invoke("rule", "BrandNew", "--topic", "deployment")
    text = (checkout / "src/convwright/linter/rules/deployment/brand_new.py").read_text(encoding="utf-8")
    highest = max(code for code in all_rules() if code.startswith("CW8"))
    assert text.startswith(f'"""CW{int(highest[2:]) + 1}."""')


@pytest.mark.parametrize("name", ["2fast", "class", "a b", "Soft_Pool", ""])
@pytest.mark.usefixtures("checkout")
def test_a_name_that_is_no_module_is_refused(name):
    with pytest.raises(ConvwrightError, match="expected a class name, such as SqueezeNet, or snake_case"):
        invoke("family", name)


def test_nothing_is_overwritten(checkout):
    before = (checkout / "src/convwright/models/resnet.py").read_text()
    with pytest.raises(ConvwrightError, match=r"models/resnet\.py exists already"):
        invoke("family", "ResNet")
    assert (checkout / "src/convwright/models/resnet.py").read_text() == before


def test_outside_a_checkout_it_says_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConvwrightError, match="not in a checkout of convwright"):
        invoke("layer", "soft")
