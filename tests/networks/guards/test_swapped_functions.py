"""Functions answer in another way for a while, whoever has them."""

import sys

import pytest

from convwright.networks.guards.swapped_functions import SwappedFunctions

LIBRARY = '''
def load(name, *, times=1):
    """Return what is loaded."""
    return name * times

class Reader:
    def read(self, name="a"):
        return name

    @classmethod
    def make(cls, name="b"):
        return cls, name
'''


@pytest.fixture
def library(tmp_path, monkeypatch):
    (tmp_path / "library_of_mine.py").write_text(LIBRARY)
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("library_of_mine", None)


def answer(original, *args, **kwargs):
    return ("swapped", original(*args, **kwargs))


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("is_early", [True, False])
def test_whoever_has_a_function_gets_the_answer_for_a_while(is_early):
    names = ("load", "Reader.read", "Reader.make", "gone", "Reader.gone")
    swapped = SwappedFunctions({f"library_of_mine:{name}": answer for name in names})
    if is_early:
        from library_of_mine import Reader, load
    before = list(sys.meta_path)
    swapped.install()
    from library_of_mine import Reader, load

    assert load("a", times=2) == ("swapped", "aa")
    assert Reader().read() == ("swapped", "a")
    assert Reader.make("c") == ("swapped", (Reader, "c"))
    swapped.remove()
    assert (load("a", times=2), Reader().read(), Reader.make()) == ("aa", "a", (Reader, "b"))
    assert sys.meta_path == before
    swapped.install()
    assert load("a") == ("swapped", "a")
    swapped.remove()
    assert load("a") == "a"


@pytest.mark.usefixtures("library")
def test_a_module_that_comes_too_late_is_left_as_it_is():
    swapped = SwappedFunctions({"library_of_mine:load": answer})
    swapped.install()
    spec = swapped.find_spec("library_of_mine", None)
    swapped.remove()
    module = type(sys)("library_of_mine")
    spec.loader.exec_module(module)
    assert module.load("a") == "a"
