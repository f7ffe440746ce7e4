"""The cache: one build however many ask, nothing half-written, nothing damaged is used."""

import os
import shutil
import subprocess
import sys
from contextlib import closing

import numpy as np
import pytest
import torch

from convwright.data.cache import ArrayWriter, cache_folder, checksum, key_of, open_or_build
from convwright.errors import ConvwrightError


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVWRIGHT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def builder(values, calls):
    def build(folder):
        calls.append(folder)
        writer = ArrayWriter(folder, "numbers")
        for piece in np.array_split(np.asarray(values, dtype=np.int64), 3):
            writer.append(piece)
        writer.close()
        return {"arrays": {"numbers": writer.specification()}, "name": "made", "share": 0.1}

    return build


def test_it_is_built_once_and_mapped_after(folder):
    calls = []
    for _ in range(2):
        entry = open_or_build("key", builder(range(10), calls))
        assert entry.tensors["numbers"].tolist() == list(range(10))
        assert entry.facts["name"] == "made"
    assert len(calls) == 1
    assert sorted(path.name for path in folder.iterdir()) == ["key", "key.lock"]


def test_an_array_that_is_written_again_starts_empty(tmp_path):
    for values in (range(5), range(3)):
        with closing(ArrayWriter(tmp_path, "numbers")) as writer:
            writer.append(np.asarray(values))
    assert np.fromfile(tmp_path / "numbers.bin", dtype=np.int64).tolist() == [0, 1, 2]


def test_writing_to_a_tensor_does_not_reach_the_file():
    open_or_build("key", builder(range(3), [])).tensors["numbers"][0] = 9
    assert open_or_build("key", builder(range(3), [])).tensors["numbers"].tolist() == [0, 1, 2]


def overwrite(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [overwrite, lambda path: os.truncate(path, 5), os.remove])
@pytest.mark.parametrize("name", ["numbers.bin", "facts.json"])
def test_a_damaged_entry_is_built_anew_and_said(folder, name, damage):
    calls = []
    open_or_build("key", builder(range(10), calls))
    damage(folder / "key" / name)
    with pytest.warns(UserWarning, match=r"key is damaged .*: it is made anew"):
        assert open_or_build("key", builder(range(10), calls)).tensors["numbers"].tolist() == list(range(10))
    assert len(calls) == 2


def test_a_build_that_fails_or_is_killed_leaves_nothing(folder):
    def fails(folder):
        (folder / "half.bin").write_bytes(b"half")
        raise ConvwrightError("corrupt image")

    with pytest.raises(ConvwrightError, match="corrupt image"):
        open_or_build("key", fails)
    assert [path.name for path in folder.iterdir()] == ["key.lock"]
    (folder / ".key.1-0.unfinished").mkdir()
    open_or_build("key", builder(range(3), []))
    assert sorted(path.name for path in folder.iterdir()) == ["key", "key.lock"]


BUILD = """
import sys, time
from pathlib import Path
import numpy as np
from convwright.data.cache import ArrayWriter, open_or_build

def build(folder):
    with Path(sys.argv[1]).open("a") as log:
        log.write("built\\n")
    writer = ArrayWriter(folder, "numbers")
    for piece in range(4):
        writer.append(np.full(5, piece))
        time.sleep(0.1)
    writer.close()
    return {"arrays": {"numbers": writer.specification()}}

print("ready", flush=True)
sys.stdin.readline()
print(open_or_build("key", build).tensors["numbers"].tolist())
"""


def test_two_processes_build_one_entry_once(tmp_path):
    command = [sys.executable, "-c", BUILD, str(tmp_path / "log")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    running = [subprocess.Popen(command, **pipes) for _ in range(2)]
    for process in running:
        assert process.stdout.readline() == "ready\n"
    for process in running:
        process.stdin.write("\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=60) for process in running]
    assert [process.returncode for process in running] == [0, 0], answers
    assert {answer for answer, _ in answers} == {str([value for value in range(4) for _ in range(5)]) + "\n"}
    assert (tmp_path / "log").read_text() == "built\n"


def test_a_process_killed_while_it_builds_leaves_nothing_that_is_read(tmp_path, folder):
    command = [sys.executable, "-c", BUILD, str(tmp_path / "log")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        process.stdout.readline()
        process.stdin.write("\n")
        process.stdin.flush()
        while not list(folder.glob(".key.*.unfinished/numbers.bin")):
            assert process.poll() is None
        process.kill()
    assert list(folder.glob(".key.*.unfinished"))
    assert open_or_build("key", builder(range(3), [])).tensors["numbers"].tolist() == [0, 1, 2]
    assert sorted(path.name for path in folder.iterdir()) == ["key", "key.lock"]


def test_a_cache_that_cannot_be_written_says_what_to_do(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("CONVWRIGHT_CACHE", str(tmp_path / "file"))
    with pytest.raises(ConvwrightError, match=r"file cannot be used .* environment variable CONVWRIGHT_CACHE"):
        open_or_build("key", builder(range(3), []))


def test_data_that_cannot_be_read_are_not_blamed_on_the_cache(tmp_path):
    def build(_):
        raise FileNotFoundError(2, "No such file or directory", str(tmp_path / "gone.parquet"))

    with pytest.raises(ConvwrightError, match=r"gone.parquet cannot be read \(No such file"):
        open_or_build("key", build)

    def full(_):
        raise OSError(28, "No space left on device")

    with pytest.raises(ConvwrightError, match=r"cache cannot be used .*No space left on device.*make room"):
        open_or_build("key", full)


def test_the_key_follows_the_files(tmp_path):
    file = tmp_path / "data.bin"
    file.write_bytes(b"one")
    os.utime(file, ns=(1, 1))
    first = key_of("set", [file])
    assert first == key_of("set", [file])
    os.utime(file, ns=(2, 2))
    assert first != key_of("set", [file])
    os.utime(file, ns=(1, 1))
    assert first == key_of("set", [file])
    file.write_bytes(b"longer")
    os.utime(file, ns=(1, 1))
    assert first != key_of("set", [file])
    assert first != key_of("other", [file])


def test_long_files_are_checked_in_places(tmp_path, monkeypatch):
    monkeypatch.setattr("convwright.data.cache._MOST_BLOCKS", 2)
    monkeypatch.setattr("convwright.data.cache._BLOCK", 10)
    path = tmp_path / "long"
    path.write_bytes(bytes(45))
    whole = checksum(path)
    for position, is_seen in ((0, True), (9, True), (12, False), (25, True), (44, False)):
        content = bytearray(45)
        content[position] = 1
        path.write_bytes(content)
        assert (checksum(path) != whole) == is_seen
    path.write_bytes(bytes(44))
    assert checksum(path) != whole


def test_where_it_is(monkeypatch, tmp_path):
    monkeypatch.delenv("CONVWRIGHT_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "convwright"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".cache" / "convwright"


def test_an_open_entry_outlives_its_files(folder):
    tensor = open_or_build("key", builder(range(5), [])).tensors["numbers"]
    shutil.rmtree(folder)
    assert torch.equal(tensor, torch.arange(5))
