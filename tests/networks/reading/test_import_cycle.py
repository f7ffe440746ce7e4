"""Import cycles: which name is missing, and the lines that lead there."""

import pytest

from convwright.errors import ConvwrightError
from convwright.networks.candidates import networks_in
from convwright.networks.reading.file_import import fresh_imports
from convwright.networks.reading.import_cycle import cycle_words

FIRST = "from torch import nn\nfrom second_of_cycle import Base\nclass Net(Base):\n    pass\n"
SECOND = "import first_of_cycle\nclass Base(first_of_cycle.Net):\n    pass\n"
STEPS = (
    "AttributeError: first_of_cycle.py does not define Net yet, since its line 2 begins an import cycle"
    " (first_of_cycle.py:2 -> second_of_cycle.py:2 -> first_of_cycle.py)"
)


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "first_of_cycle.py").write_text(FIRST)
    (tmp_path / "second_of_cycle.py").write_text(SECOND)


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (
            "first_of_cycle.py",
            ["Net is not defined: got 'class Net(Base):'", "second_of_cycle.py does not define Base yet"],
        ),
        ("second_of_cycle.py", ["needs Net, which first_of_cycle.py:3 was to define, but that raises", STEPS]),
    ],
)
def test_what_a_cycle_leaves_out_says_which_lines_it_goes_through(file, words):
    with fresh_imports():
        (error,) = networks_in(file).failures.values()
    assert all(each in str(error) for each in words)
    assert "--import" not in str(error)


def test_a_cycle_of_files_that_run_as_a_whole():
    with fresh_imports(), pytest.raises(ConvwrightError) as caught:
        networks_in("second_of_cycle.py", run_all=True)
    assert STEPS in str(caught.value)


def test_other_errors_are_no_cycle():
    assert cycle_words(ImportError("cannot import name 'x' from 'y'"), [("y.py", 1)]) == ""
    assert cycle_words(ImportError("cannot import name 'x' from partially initialized module 'y'"), []) == ""
