"""Scopes and bindings of a file."""

import ast

from convwright.networks.evidence.source_file import Function, SourceFile

TEXT = """
import os.path, sys as system
a = b = 1
(c, d), e = f()
class Kind:
    x = 1
    def method(self, y=a):
        z = y
        return z
for i, j in pairs:
    with open(i) as g:
        h += 1
"""


def test_bindings(tmp_path):
    source = SourceFile(tmp_path / "net.py", TEXT)
    found = {each.target: each.path for each in source.bindings(source.tree)}
    plain = dict.fromkeys(["os", "system", "a", "b", "Kind", "g", "h"], ())
    assert found == {**plain, "c": (0, 0), "d": (0, 1), "e": (1,), "i": (0, 0), "j": (0, 1)}
    assert [ast.unparse(call) for call in source.calls] == ["f()", "open(i)"]
    assert source.place(source.calls[1]) == f"{tmp_path}/net.py:11"


def test_scopes_are_those_in_which_python_looks_names_up(tmp_path):
    source = SourceFile(tmp_path / "net.py", TEXT)
    kind = source.tree.body[3]
    method = kind.body[1]
    assert source.scopes(method.body[0].value) == [method, source.tree]
    assert source.scopes(method.args.defaults[0]) == [kind, source.tree]
    assert source.enclosing(method.body[0], Function) is method
    assert source.function("method") is None


def test_what_cannot_be_read(tmp_path):
    (tmp_path / "bad.py").write_text("def f(:\n")
    assert SourceFile.read(tmp_path / "bad.py") is None
    assert SourceFile.read(tmp_path / "gone.py") is None
