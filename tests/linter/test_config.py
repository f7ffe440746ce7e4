"""`[tool.convwright]` of pyproject.toml."""

import os

import pytest

from convwright.errors import ConvwrightError
from convwright.linter.config import Config, find_config

TABLE = """
[tool.convwright]
models = ["net.py:Net", "pack.nets:make", "sub/other.py"]
select = ["CW3"]
loss = "bce"
object-px = 12

[tool.convwright.per-model."net.py:Net"]
input = ["3x64x64"]
loss = "mse"
ignore = ["bias-before-norm"]
[tool.convwright.per-model."net.py:Net".arg]
width = 4
"""


@pytest.fixture
def config(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return written(tmp_path, TABLE)


def written(folder, text):
    (folder / "pyproject.toml").write_text(text)
    return find_config(folder)


def test_a_models_own_table_comes_before_the_general_and_after_the_command_line(config):
    general, own = config.settings("resnet18", {}), config.settings("net.py:Net", {})
    assert (general.loss, own.loss) == ("bce", "mse")
    assert (general.ignore, own.ignore) == ((), ("bias-before-norm",))
    assert general.select == own.select == ("CW3",)
    assert general.object_px == own.object_px == 12
    given = config.settings("net.py:Net", {"loss": "nll", "select": ["default"]})
    assert (given.loss, given.select, given.ignore) == ("nll", ("default",), ("bias-before-norm",))


def test_what_a_model_is_built_and_traced_with(config, tmp_path):
    for name in ("net.py:Net", "./net.py:Net", f"{tmp_path}/net.py:Net"):
        assert config.inputs(name) == ["3x64x64"]
        assert config.arguments(name) == {"width": 4}
    assert config.inputs("net.py:Other") == []


def test_models_of_a_file(config):
    assert config.models_of("./net.py") == ["net.py:Net"]
    assert config.models_of("other.py") == []


def test_the_nearest_file_upward_names_files_from_its_own_folder(config, tmp_path, monkeypatch):
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    found = find_config(tmp_path / "sub")
    assert found.file == config.file
    assert found.models == (os.path.join("..", "net.py:Net"), "pack.nets:make", "other.py")
    assert found.inputs("../net.py:Net") == ["3x64x64"]
    assert written(tmp_path / "sub", "").models == ()


def test_without_a_file_all_is_default(tmp_path):
    assert Config().settings("net.py:Net", {}).loss == "cross-entropy"
    assert written(tmp_path, "[tool]\nother = 1\n").settings("a", {}).select == ("default",)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[tool.convwright", "pyproject.toml is not TOML"),
        ("[tool]\nconvwright = 3", "expected a table, got 3"),
        ("[tool.convwright]\nselct = []", "unknown key.*'selct'.*did you mean select"),
        ("[tool.convwright]\nselect = 'CW3'", "select in.*expected a list of strings, got 'CW3'"),
        ("[tool.convwright]\nselect = [3]", "expected a list of strings"),
        ("[tool.convwright]\nselect = ['bias-before-nrm']", "pyproject.toml.*did you mean bias-before-norm"),
        ("[tool.convwright]\nignore = ['CW999']", "pyproject.toml: unknown rule 'CW999'"),
        ("[tool.convwright]\nloss = 'l2'", "pyproject.toml: unknown loss"),
        ("[tool.convwright]\nobject-px = true", "expected a whole number, got True"),
        ("[tool.convwright]\nobject-px = 0", "pyproject.toml: object-px: expected at least 1"),
        ("[tool.convwright]\nper-model = []", "per-model in.*expected a table"),
        ("[tool.convwright.per-model]\n'a:b' = 1", r"per-model.'a:b'\].*expected a table, got 1"),
        ("[tool.convwright.per-model.'a:b']\ninputs = []", "'a:b'.*unknown key|unknown key.*did you mean input"),
        ("[tool.convwright.per-model.'a:b']\ntarget = 'cpus'", "did you mean cpu"),
    ],
)
def test_mistakes_are_named_with_the_file(tmp_path, text, told):
    with pytest.raises(ConvwrightError, match=told) as caught:
        written(tmp_path, text)
    assert "pyproject.toml" in str(caught.value)
