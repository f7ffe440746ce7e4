"""Arguments found in calls, completed by guesses."""

import pytest
from torch import nn

from convwright.networks.building import values_of_file
from convwright.networks.evidence.argument_search import ArgumentSearch, shown
from convwright.networks.reading.file_import import fresh_imports, load_file
from convwright.networks.reading.reader import file_reader

TEXT = """
import sys
settings = {"width": 4, "depth": 2}
sizes = (5, 6)
def make(width, depth, *more, bias=True, **options):
    return [width, depth, more, bias, options]
def show():
    make(sys.argv[1], depth=3)
    make(1, 2, 3, bias=False, extra=[1])
    make(**settings)
    make(*sizes)
    make(width=7, wrong=unknown, depth=8)
    make(*unknown)
    make()
"""


@pytest.fixture
def search(tmp_path):
    (tmp_path / "net.py").write_text(TEXT)
    with fresh_imports(), file_reader(str(tmp_path / "net.py")) as reader:
        namespace = vars(load_file(str(tmp_path / "net.py"), reader))
        values = values_of_file(str(tmp_path / "net.py"), namespace, reader)
        yield lambda **given: ArgumentSearch(factory=namespace["make"], values=values, given=given)


def test_calls_whose_arguments_are_known_come_first(search, tmp_path):
    choices = list(search().choices())
    made = [choice.call(search().factory) for choice in choices]
    assert made[:4] == [
        [1, 2, (3,), False, {"extra": [1]}],
        [4, 2, (), True, {}],
        [5, 6, (), True, {}],
        [7, 8, (), True, {}],
    ]
    assert made[4] == [1, 2, (), True, {}]  # without what has a default
    assert made[5][1:] == [3, (), True, {}]  # the width is a guess
    said = [choice.assumptions for choice in choices[:2]]
    assert said[0] == (f"width=1, depth=2, more=(3,), bias=False, extra=[1] from {tmp_path}/net.py:9",)
    assert said[1] == (f"width=4, depth=2 from {tmp_path}/net.py:3",)
    assert choices[5].assumptions == (f"depth=3 from {tmp_path}/net.py:8", "width=64, since nothing says it")


def test_what_is_given_counts_more_and_is_no_assumption(search):
    choice = next(search(width=9, extra=2).choices())
    assert choice.keywords == {"width": 9, "depth": 3, "extra": 2}
    assert "width" not in choice.assumptions[0]


def test_a_factory_may_change_its_arguments(search):
    choice = next(search().choices())
    choice.call(search().factory)[4]["extra"].append(2)
    assert choice.call(search().factory)[4] == {"extra": [1]}


def test_values_as_a_person_writes_them():
    assert [shown(each) for each in (nn.ReLU, nn.ReLU(), (1,), "a", len, list(range(99)))][:5] == [
        "ReLU",
        "ReLU()",
        "(1,)",
        "'a'",
        "<built-in function len>",
    ]
    assert len(shown("a" * 100)) == 60


def test_what_a_constructor_asks_for_although_it_has_a_default_comes_last(tmp_path):
    text = "from typing import Optional\n"
    text += "def make(width, feat_size: Optional[tuple[int, int]] = None, *, experts: int = 0, bias=True): ...\n"
    (tmp_path / "net.py").write_text(text)
    with fresh_imports(), file_reader(str(tmp_path / "net.py")) as reader:
        namespace = vars(load_file(str(tmp_path / "net.py"), reader))
        values = values_of_file(str(tmp_path / "net.py"), namespace, reader)
        choices = list(ArgumentSearch(factory=namespace["make"], values=values).choices())
    assert choices[0].keywords == {"width": 64}
    assert {"width": 64, "feat_size": (64, 64)} in [each.keywords for each in choices]
    assert choices[-1].keywords == {"width": 64, "experts": 16}


def test_an_empty_list_of_modules_is_filled_by_later_lines(tmp_path):
    text = """
from torch import nn
class Heads(nn.Module):
    def __init__(self, parts, width): ...
def build():
    parts = nn.ModuleList()
    for width in range(3):
        parts.append(nn.ReLU())
    return Heads(parts, 4)
"""
    (tmp_path / "heads.py").write_text(text)
    with fresh_imports(), file_reader(str(tmp_path / "heads.py")) as reader:
        namespace = vars(load_file(str(tmp_path / "heads.py"), reader))
        values = values_of_file(str(tmp_path / "heads.py"), namespace, reader)
        found = [each.keywords for each in ArgumentSearch(factory=namespace["Heads"], values=values).choices()]
    assert not any(isinstance(each["parts"], nn.ModuleList) for each in found)
    assert found[0]["width"] == 4
