"""Files imported as if they had been edited."""

import importlib
import linecache
import os
import sys

import pytest

from convwright.networks.reading.edited import decoded, edited, encoded
from convwright.networks.reading.file_import import load_file


@pytest.fixture
def package(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    folder = tmp_path / "edited_pack"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "part.py").write_text("value = 1\n")
    (folder / "whole.py").write_text("from .part import value\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [name for name in sys.modules if name.startswith("edited_pack")]:
        del sys.modules[name]


def test_relative_imports_see_the_edited_text_and_no_bytecode_stays(package):
    file = package / "part.py"
    with edited({str(file): "value = 22\n"}):
        assert importlib.import_module("edited_pack.whole").value == 22
        assert not list(package.glob("__pycache__/part*"))
    for name in ("edited_pack.whole", "edited_pack.part"):
        del sys.modules[name]
    assert importlib.import_module("edited_pack.whole").value == 1


def test_cached_bytecode_does_not_stand_in(package):
    importlib.import_module("edited_pack.part")
    assert list(package.glob("__pycache__/part*"))
    del sys.modules["edited_pack.part"]
    with edited({str(package / "part.py"): "value = 3\n"}):
        assert importlib.import_module("edited_pack.part").value == 3


def test_a_file_by_its_path(tmp_path):
    file = tmp_path / "net.py"
    file.write_text("value = 1\n")
    with edited({str(file): "value = 2\n"}):
        assert load_file(str(file)).value == 2
    assert load_file(str(file)).value == 1


def test_lines_are_those_of_the_edited_text_and_then_of_the_disk(tmp_path):
    file = tmp_path / "net.py"
    file.write_text("a = 1\n")
    assert linecache.getline(str(file), 1) == "a = 1\n"
    finders, cached = list(sys.meta_path), dict(linecache.cache)
    with edited({str(file): "b = '\x0c'\r\nc = 2"}):
        assert linecache.getlines(str(file)) == ["b = '\x0c'\n", "c = 2"]
    assert sys.meta_path == finders
    assert linecache.cache == cached


def test_all_is_as_it_was_after_an_exception(tmp_path):
    finders, cached = list(sys.meta_path), dict(linecache.cache)
    with pytest.raises(ZeroDivisionError), edited({str(tmp_path / "net.py"): "b = 2"}):
        raise ZeroDivisionError
    assert sys.meta_path == finders
    assert linecache.cache == cached


@pytest.mark.parametrize(
    "data",
    [
        b"x = 1\r\ny = 2",
        "# -*- coding: latin-1 -*-\nx = 'é'\n".encode("latin-1"),
        b"\xef\xbb\xbfx = 1\r\n",
        "# coding: cp1251\nx = 'ж'\r\n".encode("cp1251"),
    ],
)
def test_text_comes_back_as_the_very_bytes(data):
    assert encoded(decoded(data)) == data


def test_strings_of_a_file_in_another_encoding(tmp_path):
    file = tmp_path / "net.py"
    file.write_bytes("# coding: latin-1\nx = 'é'\n".encode("latin-1"))
    with edited({str(file): decoded(file.read_bytes()) + "y = 1\n"}):
        assert load_file(str(file)).x == "é"


def test_a_file_that_changes_within_a_second_and_keeps_its_size_is_read_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    file = tmp_path / "net.py"
    for width in (3, 5):
        file.write_text(f"width = {width}\n")
        os.utime(file, (1_000_000_000, 1_000_000_000))
        assert load_file(str(file)).width == width
    assert not (tmp_path / "__pycache__").exists()
