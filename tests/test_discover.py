import itertools

import pytest

from convwright.discover import discover
from convwright.errors import ConvwrightError

numbers = itertools.count()


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Write files into a fresh importable package; gives its name."""

    def write(files):
        name = f"discovered{next(numbers)}"
        for path, text in {"__init__.py": "", **files}.items():
            file = tmp_path / name / path
            file.parent.mkdir(exist_ok=True, parents=True)
            file.write_text(text)
        monkeypatch.syspath_prepend(tmp_path)
        return name

    return write


def test_the_named_object_of_every_module_in_alphabetical_order(package):
    name = package(
        {
            "zebra.py": "THING = 'z'",
            "deep/__init__.py": "THING = 'a folder is not a module'",
            "deep/ape.py": "THING = 'a'",
            "without.py": "OTHER = 1",
            "_hidden.py": "THING = 'hidden'",
        }
    )
    assert list(discover(name, "THING").items()) == [("ape", "a"), ("zebra", "z")]


def test_a_value_that_is_false_is_still_found(package):
    assert discover(package({"empty.py": "THING = ()"}), "THING") == {"empty": ()}


def test_two_modules_of_one_name_are_both_named(package):
    name = package({f"{folder}/{file}": "THING = 1" for folder in ("a", "b") for file in ("__init__.py", "same.py")})
    with pytest.raises(
        ConvwrightError, match=rf"{name}\.b\.same and {name}\.a\.same have the same name 'same'; rename"
    ):
        discover(name, "THING")


def test_one_name_twice_is_fine_where_only_one_has_the_object(package):
    files = {"a/__init__.py": "", "a/same.py": "THING = 1", "b/__init__.py": "", "b/same.py": ""}
    assert discover(package(files), "THING") == {"same": 1}
