"""Files are compared and written whole, or left alone."""

import os
import sysconfig

import pytest

from convwright.errors import ConvwrightError
from convwright.linter.source_files import SourceFiles, check_editable, is_installed


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "net.py"
    path.write_bytes(b"a = 1\r\nb = 2\r\n")
    return path


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced_with_its_line_ends_and_its_mode(file):
    file.chmod(0o751)
    files = SourceFiles()
    text = files.original(str(file))
    files.write({str(file): text.replace("2", "3")})
    assert file.read_bytes() == b"a = 1\r\nb = 3\r\n"
    assert file.stat().st_mode & 0o777 == 0o751
    assert names(file.parent) == ["net.py"]


def test_a_link_stays_a_link(file, tmp_path):
    link = tmp_path / "link.py"
    link.symlink_to(file)
    files = SourceFiles()
    files.write({str(link): files.original(str(link)) + "c = 3\n"})
    assert link.is_symlink()
    assert file.read_bytes().endswith(b"c = 3\n")


@pytest.mark.parametrize("happened", ["changed", "gone", "other line ends"])
def test_a_file_that_is_no_longer_what_was_read_stops_all_writing(file, tmp_path, happened):
    other = tmp_path / "also.py"
    other.write_text("x = 1\n")
    files = SourceFiles()
    texts = {str(path): files.original(str(path)) + "# edited\n" for path in (other, file)}
    if happened == "gone":
        file.unlink()
    else:
        file.write_bytes(b"a = 1\nb = 2\n" if happened == "other line ends" else b"mine")
    with pytest.raises(ConvwrightError, match=r"net\.py was changed meanwhile; nothing was written"):
        files.write(texts)
    assert other.read_text() == "x = 1\n"
    assert file.exists() == (happened != "gone")


def test_nothing_is_left_behind_when_writing_fails(file, tmp_path, monkeypatch):
    other = tmp_path / "also.py"
    other.write_text("x = 1\n")
    files = SourceFiles()
    texts = {str(path): files.original(str(path)) + "# edited\n" for path in (other, file)}

    def full(path, *_):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr("convwright.files.os.fsync", full)
    with pytest.raises(ConvwrightError, match=r"cannot write .*No space left on device.*nothing was written"):
        files.write(texts)
    assert names(tmp_path) == ["also.py", "net.py"]
    assert other.read_text() == "x = 1\n"


def test_the_diff_names_files_from_here_and_says_where_a_newline_is_missing(file):
    file.write_text("a = 1\nb = 2")
    files = SourceFiles()
    diff = files.diff({str(file): files.original(str(file)).replace("2", "3")})
    assert diff.splitlines() == [
        "--- net.py",
        "+++ net.py",
        "@@ -1,2 +1,2 @@",
        " a = 1",
        "-b = 2",
        "\\ No newline at end of file",
        "+b = 3",
        "\\ No newline at end of file",
    ]
    assert files.diff({str(file): files.original(str(file))}) == ""


@pytest.mark.parametrize("data", [b"x = '\xe9'\n", b"# coding: klingon\n", None])
def test_a_file_that_cannot_be_read(file, data):
    file.unlink()
    if data is not None:
        file.write_bytes(data)
    with pytest.raises(ConvwrightError, match="cannot be read"):
        SourceFiles().original(str(file))


def test_where_one_file_is_read_only_none_is_written(file, tmp_path):
    other = tmp_path / "other.py"
    other.write_text("y = 1\n")
    files, before = SourceFiles(), file.read_bytes()
    texts = {str(each): files.original(str(each)) + "z = 2\n" for each in (file, other)}
    other.chmod(0o444)
    assert "+z = 2" in files.diff(texts)
    with pytest.raises(ConvwrightError, match=r"other\.py is read-only; nothing was written; chmod u\+w"):
        files.write(texts)
    assert file.read_bytes() == before


def test_what_may_be_edited(file, tmp_path):
    check_editable(str(file), installed=False)
    with pytest.raises(ConvwrightError, match="<string> is no file"):
        check_editable("<string>", installed=False)
    packed = tmp_path / "lib" / "site-packages" / "net.py"
    packed.parent.mkdir(parents=True)
    packed.write_text("")
    with pytest.raises(ConvwrightError, match="installed package; add --edit-installed"):
        check_editable(str(packed), installed=False)
    check_editable(str(packed), installed=True)


def test_installed_is_what_is_among_packages_or_the_standard_library(file):
    assert is_installed(os.__file__)
    assert is_installed(pytest.__file__)
    assert not is_installed(str(file))
    assert not is_installed(sysconfig.get_path("purelib") + "_of_mine/net.py")
