"""Files of a report are there whole, or as they were."""

import pytest

from convwright.errors import ConvwrightError
from convwright.reports.files import write_files


def test_files_are_replaced_and_nothing_else_is_left(tmp_path):
    folder = tmp_path / "new" / "folder"
    write_files(folder, {"a.txt": b"one", "b.txt": b"two"})
    write_files(folder, {"a.txt": b"three"})
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {"a.txt": b"three", "b.txt": b"two"}


def test_a_folder_that_cannot_be_is_said(tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(ConvwrightError, match=r"cannot write .*taken.*choose another folder"):
        write_files(tmp_path / "taken", {"a.txt": b"one"})
