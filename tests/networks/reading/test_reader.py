"""Files and packages, found and read."""

import ast
import builtins
import importlib
import sys

import pytest

from convwright.networks.reading.reader import file_reader, package_of


@pytest.mark.usefixtures("net")
def test_the_process_is_as_before_also_after_an_error(net):
    before = list(sys.path), list(sys.argv), list(sys.meta_path)
    during = []
    with pytest.raises(ZeroDivisionError), file_reader("net.py"):
        during.append((list(sys.argv), sys.path[0], 1 / len(during)))
    with file_reader("net.py"):
        during.append((list(sys.argv), sys.path[0]))
    assert during == [(["net.py"], str(net))]
    assert (list(sys.path), list(sys.argv), list(sys.meta_path)) == before


@pytest.mark.parametrize("run_all", [False, True])
def test_modules_of_the_user_are_read_and_their_prints_go_to_stderr(net, monkeypatch, capsys, run_all):
    (net / "setup.py").write_text("")
    (net / "parts").mkdir()
    (net / "parts" / "net.py").write_text("")
    (net / "of_the_top.py").write_text("print('loaded')\ndef speak():\n    print('spoken')\n")
    monkeypatch.delitem(sys.modules, "of_the_top", raising=False)
    before = builtins.print
    with file_reader("parts/net.py", run_all=run_all) as reader:
        module = importlib.import_module("of_the_top")
    module.speak()
    assert capsys.readouterr() == ("", "loaded\nspoken\n" if run_all else "spoken\n")
    assert [each.reason for each in reader.left_out] == ([] if run_all else ["prints"])
    assert builtins.print is before
    monkeypatch.delitem(sys.modules, "of_the_top", raising=False)


def test_the_package_of_a_file(tmp_path):
    folder = tmp_path / "top" / "nets"
    folder.mkdir(parents=True)
    file = folder / "net.py"
    assert package_of(file, ast.parse("import os")) is None
    assert package_of(file, ast.parse("from .a import b")) == ("nets.net", tmp_path / "top")
    assert package_of(file, ast.parse("from ..a import b")) == ("top.nets.net", tmp_path)
    assert package_of(folder / "__init__.py", ast.parse("from .a import b")) == ("nets", tmp_path / "top")
    (folder / "__init__.py").write_text("")
    (tmp_path / "top" / "__init__.py").write_text("")
    assert package_of(file, ast.parse("from .a import b")) == ("top.nets.net", tmp_path)
