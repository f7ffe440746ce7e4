"""Small files, replaced in one go."""

import pytest

from convwright.errors import ConvwrightError
from convwright.training.files import write_text


def test_files_are_replaced_and_folders_made(tmp_path):
    path = tmp_path / "new" / "a.txt"
    for text in ("one", "ü"):
        write_text(path, text)
        assert path.read_text(encoding="utf-8") == text
    assert list(path.parent.iterdir()) == [path]


def test_what_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConvwrightError, match=r"cannot write .*a\.txt"):
        write_text(tmp_path / "file" / "a.txt", "")
