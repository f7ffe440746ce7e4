"""Settings in files."""

import sys

import pytest

from convwright.networks.evidence.settings_files import read_settings


def test_settings_are_found_in_the_folders_in_turn(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "net.json").write_text('{"stages": [{"width": 1}]}')
    (tmp_path / "net.json").write_text("{}")
    assert read_settings("net.json", [tmp_path / "b", tmp_path / "a", tmp_path]).stages[0].width == 1


@pytest.mark.parametrize(("name", "text"), [("a.json", "{"), ("a.toml", "="), ("a.yaml", "[: {")])
def test_settings_that_cannot_be_read(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    with pytest.raises(LookupError):
        read_settings(name, [tmp_path])
    with pytest.raises(LookupError):
        read_settings(f"other-{name}", [tmp_path])


def test_yaml_needs_a_package(tmp_path, monkeypatch):
    (tmp_path / "a.yaml").write_text("a: 1\n")
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(LookupError, match="PyYAML"):
        read_settings("a.yaml", [tmp_path])
