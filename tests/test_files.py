"""Files and folders are whole, or as they were."""

import os
import re
import signal
import subprocess
import sys
import time

import pytest

from convwright.errors import ConvwrightError
from convwright.files import append_to, new_folder, read_text, remove_unfinished, replacing, write, write_files

NO_SPACE = OSError(28, "No space left on device")


def content_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def failing(monkeypatch, name, *, at, error=NO_SPACE):
    """Let the call number `at` of a function of `os` fail."""
    original, calls = getattr(os, name), []

    def maybe(*arguments):
        calls.append(arguments)
        if len(calls) == at:
            raise error
        return original(*arguments)

    monkeypatch.setattr(f"convwright.files.os.{name}", maybe)


def test_a_file_is_replaced_and_its_folder_made(tmp_path):
    path = tmp_path / "new" / "folder" / "a.txt"
    for text in ("one", "Müller\r\n"):
        write(path, text)
    assert content_of(path.parent) == {"a.txt": "Müller\r\n".encode()}
    assert read_text(path) == "Müller\n"


def test_text_that_is_not_utf_8_is_named(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("Müller".encode("latin-1"))
    with pytest.raises(ConvwrightError, match=r"a\.txt is not UTF-8 text \(invalid start byte at byte 1\)"):
        read_text(path)


@pytest.mark.parametrize(
    "locale", [{"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"PYTHONUTF8": "1"}]
)
def test_a_report_is_the_same_in_every_locale(tmp_path, locale):
    program = """
import sys
from pathlib import Path
from convwright.files import read_text, write
write(Path(sys.argv[1]), "<p>M\\u00fcller</p>")
assert read_text(Path(sys.argv[1])) == "<p>M\\u00fcller</p>"
"""
    path = tmp_path / "report.html"
    environment = {**os.environ, **locale}
    subprocess.run([sys.executable, "-c", program, str(path)], env=environment, check=True)
    assert path.read_bytes() == "<p>Müller</p>".encode()


def test_a_file_keeps_its_mode_and_a_new_one_has_the_usual_one(tmp_path):
    kept, new, usual = (tmp_path / name for name in ("kept", "new", "usual"))
    kept.write_text("one")
    kept.chmod(0o751)
    usual.write_text("")
    write_files({kept: "two", new: "two"})
    assert kept.stat().st_mode & 0o777 == 0o751
    assert new.stat().st_mode == usual.stat().st_mode


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "a").write_text("one")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    write(tmp_path / "link", "two")
    assert (tmp_path / "link").is_symlink()
    assert content_of(tmp_path) == {"a": b"two", "link": b"two"}


def test_what_cannot_be_written_is_named_with_a_hint(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConvwrightError, match=r"cannot write .*a\.txt \(.*\); free space, or choose another folder"):
        write(tmp_path / "file" / "a.txt", "")
    with pytest.raises(ConvwrightError, match="; choose another --output"):
        write(tmp_path / "file" / "a.txt", "", hint="choose another --output")


@pytest.mark.parametrize(("function", "at"), [("fsync", 2), ("replace", 1), ("replace", 2), ("replace", 3)])
@pytest.mark.parametrize("error", [NO_SPACE, KeyboardInterrupt()])
def test_none_of_a_set_is_changed_if_one_cannot_be_written(tmp_path, monkeypatch, function, at, error):
    old = {"a": b"old a", "b": b"old b"}
    for name, content in old.items():
        (tmp_path / name).write_bytes(content)
    failing(monkeypatch, function, at=at, error=error)
    expected = KeyboardInterrupt if isinstance(error, KeyboardInterrupt) else ConvwrightError
    with pytest.raises(expected):
        write_files({tmp_path / name: "new" for name in ("a", "new", "b")}, is_durable=True)
    assert content_of(tmp_path) == old


def test_none_of_a_set_is_changed_if_a_folder_is_in_the_way(tmp_path):
    (tmp_path / "a").write_text("old")
    (tmp_path / "b").mkdir()
    with pytest.raises(ConvwrightError, match=r"cannot write .*b"):
        write_files({tmp_path / "a": "new", tmp_path / "b": "new"})
    assert (tmp_path / "a").read_text() == "old"
    assert sorted(os.listdir(tmp_path)) == ["a", "b"]


def test_a_library_may_want_a_name_of_its_own(tmp_path):
    with replacing(tmp_path / "net.bin", name="model.pt2") as unfinished:
        assert unfinished.name == "model.pt2"
        unfinished.write_text("one")
    assert content_of(tmp_path) == {"net.bin": b"one"}


def test_what_a_library_writes_is_renamed_at_the_end(tmp_path):
    path = tmp_path / "new" / "weights.onnx"
    for text in ("one", "two"):
        with replacing(path, is_durable=True) as unfinished:
            assert unfinished.name == path.name
            assert unfinished.parent.parent == path.parent
            unfinished.write_text(text)
    assert content_of(path.parent) == {"weights.onnx": b"two"}


@pytest.mark.parametrize("error", [NO_SPACE, ValueError("no"), KeyboardInterrupt()])
def test_a_library_that_fails_changes_nothing(tmp_path, error):
    path = tmp_path / "weights"
    path.write_text("old")
    expected = ConvwrightError if isinstance(error, OSError) else type(error)

    def fail():
        with replacing(path) as unfinished:
            unfinished.write_text("half")
            raise error

    with pytest.raises(expected):
        fail()
    assert content_of(tmp_path) == {"weights": b"old"}


def test_a_folder_is_there_whole_or_not_at_all(tmp_path):
    place = tmp_path / "new" / "entry"

    def fail():
        with new_folder(place) as folder:
            (folder / "half").write_text("half")
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    assert os.listdir(place.parent) == []
    with new_folder(place) as folder:
        for text in (b"one", b" two"):
            with append_to(folder / "a") as file:
                file.write(text)
        assert not place.exists()
    assert content_of(place) == {"a": b"one two"}
    assert os.listdir(place.parent) == ["entry"]


KILLED = """
import sys, time
from pathlib import Path
from convwright.files import replacing
with replacing(Path(sys.argv[1])) as unfinished:
    unfinished.write_text("half")
    print("writing", flush=True)
    time.sleep(60)
"""


def test_what_a_killed_process_leaves_is_not_in_the_way_and_can_be_removed(tmp_path):
    path = tmp_path / "weights"
    path.write_text("old")
    with subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    left = [name for name in os.listdir(tmp_path) if name != "weights"]
    assert [bool(re.fullmatch(rf"\.weights\.{process.pid}-[0-9a-f]{{8}}\.unfinished", name)) for name in left] == [True]
    assert path.read_text() == "old"
    write(path, "new")
    remove_unfinished(tmp_path, "weight")  # of another name
    assert len(os.listdir(tmp_path)) == 2
    remove_unfinished(tmp_path, "weights")
    assert content_of(tmp_path) == {"weights": b"new"}


def test_the_files_of_two_writers_are_not_mixed(tmp_path):
    program = """
import sys
from pathlib import Path
from convwright.files import write
for _ in range(50):
    write(Path(sys.argv[1]), sys.argv[2] * 100_000)
"""
    path = tmp_path / "a"
    writers = [subprocess.Popen([sys.executable, "-c", program, str(path), letter]) for letter in "xy"]
    seen = set()
    while any(writer.poll() is None for writer in writers):
        if path.exists():
            seen.add(path.read_text())
        time.sleep(0.001)
    assert [writer.returncode for writer in writers] == [0, 0]
    assert seen <= {"x" * 100_000, "y" * 100_000}
    assert os.listdir(tmp_path) == ["a"]
