"""`convwright new`: what it writes passes the project's own checks."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from convwright.cli.main import app
from convwright.errors import ConvwrightError

ROOT = Path(__file__).parents[2]
RUN = CliRunner()


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A copy of this repository, as a newcomer has it."""
    for part in ("src", "tests/contracts", "tests/reference", "tests/conftest.py", "pyproject.toml"):
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


def test_what_is_written_passes_lint_and_contracts(checkout):
    assert invoke("layer", "soft", "--pooling").exit_code == 0
    assert invoke("layer", "ghost").exit_code == 0
    assert "wrote src/convwright/models/tiny_net.py" in invoke("model", "tiny_net").output
    assert invoke("rule", "soft_sign", "--topic", "normalization").exit_code == 0
    assert invoke("study", "soft_study").exit_code == 0
    for command in (["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"]):
        done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
    environment = {**os.environ, "PYTHONPATH": str(checkout / "src")}
    tests = ["tests/contracts", "tests/layers", "tests/models", "tests/linter", "tests/studies/library"]
    tests.append("src/convwright/layers/pooling/soft.py")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *tests, "-k", "soft or ghost or tiny_net", "-p", "no:cacheprovider"],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize("name", ["Soft", "2fast", "class", "with-dash", ""])
@pytest.mark.usefixtures("checkout")
def test_a_name_that_is_no_module_is_refused(name):
    with pytest.raises(ConvwrightError, match="expected snake_case"):
        invoke("model", name)


def test_nothing_is_overwritten(checkout):
    before = (checkout / "src/convwright/models/resnet.py").read_text()
    with pytest.raises(ConvwrightError, match=r"models/resnet\.py exists already"):
        invoke("model", "resnet")
    assert (checkout / "src/convwright/models/resnet.py").read_text() == before


def test_outside_a_checkout_it_says_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConvwrightError, match="not in a checkout of convwright"):
        invoke("layer", "soft")
