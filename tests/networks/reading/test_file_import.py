"""Files of the user's, imported and forgotten."""

import importlib
import sys
from pathlib import Path

import pytest
import torch

from convwright.errors import ConvwrightError
from convwright.networks.reading.file_import import load_file, load_package
from convwright.networks.reading.reader import file_reader


@pytest.mark.usefixtures("net")
def test_a_file_is_imported_anew_with_its_folder_in_the_path(net) -> None:
    first = load_file("net.py")
    (net / "net.py").write_text("WIDTH = 3\n")
    assert (first.helper.WIDTH, load_file(str(net / "net.py")).WIDTH) == (5, 3)
    assert str(net) not in sys.path


def test_a_package_that_fails_is_forgotten(net) -> None:
    (net / "pack_of_mine").mkdir()
    (net / "pack_of_mine" / "good.py").write_text("WIDTH = 3\n")
    (net / "pack_of_mine" / "fails.py").write_text("import pack_of_mine.good\n1 = 0\n")
    with pytest.raises(ConvwrightError, match=r"pack_of_mine.fails does not import: SyntaxError.*fails.py:2"):
        load_package("pack_of_mine.fails")
    assert not [name for name in sys.modules if name.startswith("pack_of_mine")]
    assert load_package("pack_of_mine.good").WIDTH == 3


def test_what_was_read_is_out_of_the_way_of_ordinary_imports(net, monkeypatch) -> None:
    (net / "pack_of_mine").mkdir()
    (net / "pack_of_mine" / "sizes.py").write_text(
        "from pathlib import Path\n\nSIZE = len(Path(__file__).read_text())\n"
    )
    line = "from pack_of_mine import sizes\n"
    (net / "pack_of_mine" / "net.py").write_text(f"{line}def late():\n    {line}    return sizes\n")
    for _ in range(2):
        with file_reader("pack_of_mine.net") as reader:
            read = load_package("pack_of_mine.net", reader)
        assert [(Path(each.file).name, each.line) for each in reader.left_out] == [("sizes.py", 3)]
    assert not [name for name in sys.modules if name.startswith("pack_of_mine") and "read by" not in name]
    assert sys.modules[read.late.__globals__["__name__"]] is read
    assert read.late() is read.sizes
    monkeypatch.syspath_prepend(net)
    whole = importlib.import_module("pack_of_mine.net")
    assert whole.late().SIZE > 0
    assert read.late() is read.sizes
    assert not hasattr(read.sizes, "SIZE")
    assert importlib.import_module("pack_of_mine.net") is whole
    for name in [name for name in sys.modules if name.startswith("pack_of_mine")]:
        del sys.modules[name]


def test_an_installed_file_is_the_module_that_others_import():
    assert load_file(torch.nn.functional.__file__) is torch.nn.functional


def test_an_installed_file_that_lacks_a_package_is_read(tmp_path, monkeypatch):
    folder = tmp_path / "site-packages" / "pack_of_others"
    folder.mkdir(parents=True)
    (folder / "tools.py").write_text("import package_that_nobody_has\nSIZE = 3\n")
    (folder / "net.py").write_text("from pack_of_others.tools import SIZE\nWIDTH = 8\n")
    monkeypatch.syspath_prepend(folder.parent)
    with file_reader(str(folder / "net.py")) as reader:
        assert load_file(str(folder / "net.py"), reader).WIDTH == 8
    assert [each.reason for each in reader.left_out] == ["imports package_that_nobody_has, which is missing"]
    assert not [name for name in sys.modules if name.startswith("pack_of_others.net")]
