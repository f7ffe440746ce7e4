"""Names, followed to what gives their value."""

import ast

import pytest

from convwright.networks.evidence.names import Names, name_of
from convwright.networks.evidence.repository import Repository
from convwright.networks.evidence.source_file import SourceFile

TEXT = """
import math
from math import pi
if False:
    a = 1
else:
    a = 2
a = a
b = {}
b['c'] = 3
b.d = 4
def f(x, y=5):
    return [x, y]
f(6)
def g(count: int, settings: dict):
    return [count, settings]
"""


@pytest.fixture
def names(tmp_path):
    def evaluate(node, source):
        return names.name(node.id, node, source) if isinstance(node, ast.Name) else ast.literal_eval(node)

    names = Names(Repository(SourceFile(tmp_path / "net.py", TEXT)), evaluate, lambda kind: kind())
    return names


def test_a_module_that_was_only_read(names):
    source = names.repository.main
    found = {name: names.module_name(name, source) for name in ("a", "b", "pi")}
    assert found == {"a": 2, "b": {"c": 3}, "pi": 3.141592653589793}
    assert names.places[0].endswith("net.py:8")
    with pytest.raises(LookupError):
        names.module_name("gone", source)


def test_parameters_are_what_a_call_in_the_file_gives(names):
    source = names.repository.main
    x, y = source.function("f").body[0].value.elts
    assert (names.name("x", x, source), names.name("y", y, source)) == (6, 5)
    assert names.definition("f", source.tree, source) == (source.function("f"), source)


def test_the_type_of_a_number_says_nothing_of_it(names):
    source = names.repository.main
    names = Names(names.repository, lambda node, _: {"int": int, "dict": dict}[node.id], lambda kind: kind())
    for each in source.function("g").body[0].value.elts:
        with pytest.raises(LookupError):
            names.name(each.id, each, source)


def test_the_last_part_of_a_dotted_name():
    assert [name_of(ast.parse(text, mode="eval").body) for text in ("a.b", "a", "a()")] == ["b", "a", ""]
