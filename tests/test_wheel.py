"""The wheel has all that the package needs, and runs outside a checkout."""

import os
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.skipif(find_spec("hatchling") is None, reason="hatchling, which builds wheels, is missing")

PROGRAM = """
import sys
from pathlib import Path
import convwright
from convwright.cli.main import app
from convwright.data import sample_images

assert Path(convwright.__file__).is_relative_to(sys.argv[1]), convwright.__file__
for words in ("models", "explain CW301", "analyze resnet20 -o analysis.html", "field resnet20 -o field.html"):
    app(words.split(), standalone_mode=False)
assert sample_images()
assert len(convwright.load_data("cifar10-mini").train) > 4000
try:
    app(["new", "layer", "soft"], standalone_mode=False)
except convwright.ConvwrightError as error:
    print(error)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as file:
        file.extractall(folder / "unpacked")
    return folder / "unpacked"


def test_every_file_of_the_package_is_in_the_wheel(wheel):
    def files(folder):
        paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
        return {path.as_posix() for path in paths if "__pycache__" not in path.parts}

    assert files(wheel / "convwright") == files(ROOT / "src" / "convwright")


def test_it_runs_outside_a_checkout(wheel, tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(wheel)}
    command = [sys.executable, "-c", PROGRAM, str(wheel)]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert {"analysis.html", "field.html"} <= set(os.listdir(tmp_path))
    assert "is not in a checkout of convwright" in done.stdout
