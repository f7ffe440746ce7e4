"""Which files of a folder are looked at."""

import subprocess

import pytest

from convwright.errors import ConvwrightError
from convwright.linter.folder_files import files_in, may_have_network

FILES = (
    "net.py", "deep/er/net.py", "book.ipynb", "notes.txt", "build/made.py", ".hidden/a.py", "__pycache__/a.py",
    "env/pyvenv.cfg", "env/a.py", "lib/site-packages/a.py",
)  # fmt: skip


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("import torch\n")
    return tmp_path


def test_without_git_what_is_hidden_or_installed_is_left_out():
    assert files_in(".") == ["book.ipynb", "build/made.py", "deep/er/net.py", "net.py"]
    assert files_in("deep") == ["deep/er/net.py"]


@pytest.mark.parametrize(
    ("pattern", "left_out"),
    [
        ("build", {"build/made.py"}),
        ("build/", {"build/made.py"}),
        ("deep/*", {"deep/er/net.py"}),
        ("er", {"deep/er/net.py"}),
        ("net.py", {"net.py", "deep/er/net.py"}),
        ("*.ipynb", {"book.ipynb"}),
    ],
)
def test_patterns(pattern, left_out):
    assert set(files_in(".")) - set(files_in(".", [pattern])) == left_out


def test_git_says_which_files_count(folder):
    subprocess.run(["git", "init", "-q"], check=True)
    (folder / ".gitignore").write_text("build\nenv\nlib\n__pycache__\n")
    subprocess.run(["git", "add", "net.py"], check=True)
    assert files_in(".") == [".hidden/a.py", "book.ipynb", "deep/er/net.py", "net.py"]
    (folder / "net.py").unlink()
    assert files_in(".", [".hidden"]) == ["book.ipynb", "deep/er/net.py"]


def test_a_folder_without_files(folder):
    (folder / "empty").mkdir()
    with pytest.raises(ConvwrightError, match="empty has no Python file and no notebook"):
        files_in("empty")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("import json\n", False), ("import torch\n", True), ("from x import Module\n", True), ("Modules = 1\n", False)],
)
def test_a_look_at_the_text(folder, text, expected):
    (folder / "net.py").write_text(text)
    assert may_have_network("net.py") is expected
