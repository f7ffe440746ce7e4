"""Files of the user's, imported and forgotten."""

import sys

import pytest

from convwright.errors import ConvwrightError
from convwright.networks.reading.file_import import load_file, load_package


@pytest.mark.usefixtures("net")
def test_a_file_is_imported_anew_with_its_folder_in_the_path(net) -> None:
    first = load_file("net.py")
    (net / "net.py").write_text("WIDTH = 3\n")
    assert (first.helper.WIDTH, load_file(str(net / "net.py")).WIDTH) == (5, 3)
    assert str(net) not in sys.path


def test_a_package_that_fails_is_forgotten(net) -> None:
    (net / "pack_of_mine").mkdir()
    (net / "pack_of_mine" / "good.py").write_text("WIDTH = 3\n")
    (net / "pack_of_mine" / "fails.py").write_text("import pack_of_mine.good\n1 / 0\n")
    with pytest.raises(ConvwrightError, match=r"pack_of_mine.fails does not import: ZeroDivisionError.*fails.py:2"):
        load_package("pack_of_mine.fails")
    assert not [name for name in sys.modules if name.startswith("pack_of_mine")]
    assert load_package("pack_of_mine.good").WIDTH == 3
