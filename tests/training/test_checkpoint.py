"""Checkpoints: whole or not there, checked, and two of them."""

import os
import resource

import pytest
import torch

from convwright import files
from convwright.errors import ConvwrightError
from convwright.training.checkpoint import (
    Checkpoint,
    checkpoints_in,
    newest_checkpoint,
    read_checkpoint,
    write_checkpoint,
)


def made(number=0):
    tensors = {
        "a": torch.full((4, 3, 2, 2), float(number)).to(memory_format=torch.channels_last),
        "b": torch.tensor(number),
        "half": torch.ones(3, dtype=torch.bfloat16),
        "none": torch.zeros(0),
    }
    return Checkpoint(tensors=tensors, state={"step": number, "rate": 0.1, "names": ["x"]})


def test_what_is_written_is_read(tmp_path):
    found = read_checkpoint(write_checkpoint(tmp_path / "new", 7, made(7)))
    assert found.state == made(7).state
    for name, value in made(7).tensors.items():
        assert torch.equal(found.tensors[name], value)
        assert found.tensors[name].dtype == value.dtype


def test_tensors_that_share_memory_are_kept_apart(tmp_path):
    shared = torch.arange(3.0)
    path = write_checkpoint(tmp_path, 1, Checkpoint(tensors={"a": shared, "b": shared}, state={}))
    assert torch.equal(read_checkpoint(path).tensors["b"], shared)


def test_the_last_two_are_kept_and_nothing_else_is_left(tmp_path):
    for step in (1, 20, 3000):
        write_checkpoint(tmp_path, step, made(step))
    assert [path.name for path in checkpoints_in(tmp_path)] == sorted(os.listdir(tmp_path))
    assert [read_checkpoint(path).state["step"] for path in checkpoints_in(tmp_path)] == [20, 3000]


@pytest.mark.parametrize("place", [0, 8, 60, 0.3, 0.6, -1])
@pytest.mark.parametrize("damage", ["flip", "cut"])
def test_damage_anywhere_is_seen_and_the_one_before_taken(tmp_path, place, damage):
    write_checkpoint(tmp_path, 1, made(1))
    path = write_checkpoint(tmp_path, 2, made(2))
    content = bytearray(path.read_bytes())
    at = int(place * len(content)) if isinstance(place, float) else place
    if damage == "flip":
        content[at] ^= 1
    else:
        del content[at:]
    path.write_bytes(content)
    with pytest.raises(ConvwrightError, match="checkpoint"):
        read_checkpoint(path)
    found, notes = newest_checkpoint(tmp_path)
    assert found.state["step"] == 1
    assert len(notes) == 1
    assert path.name in notes[0]
    assert "went back" in notes[0]


def test_none_is_no_error_and_only_damaged_ones_are(tmp_path):
    assert newest_checkpoint(tmp_path) == (None, ())
    assert newest_checkpoint(tmp_path / "none") == (None, ())
    write_checkpoint(tmp_path, 1, made()).write_bytes(b"")
    with pytest.raises(ConvwrightError, match=r"every checkpoint in .* is damaged"):
        newest_checkpoint(tmp_path)


@pytest.mark.parametrize("function", ["replace", "fsync"])
def test_death_before_the_end_leaves_the_one_before(tmp_path, monkeypatch, function):
    write_checkpoint(tmp_path, 1, made(1))

    def dies(*_args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(files.os, function, dies)
        with pytest.raises(KeyboardInterrupt):
            write_checkpoint(tmp_path, 2, made(2))
    assert newest_checkpoint(tmp_path)[0].state["step"] == 1
    write_checkpoint(tmp_path, 3, made(3))
    assert newest_checkpoint(tmp_path)[0].state["step"] == 3
    assert [path.name for path in checkpoints_in(tmp_path)] == sorted(os.listdir(tmp_path))


def test_a_full_disk_is_said_and_leaves_the_one_before(tmp_path):
    write_checkpoint(tmp_path, 1, made(1))
    big = Checkpoint(tensors={"a": torch.zeros(100_000)}, state={})
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))  # files cannot grow: as a full disk
    try:
        with pytest.raises(ConvwrightError, match=r"cannot write .*it takes 391 KiB"):
            write_checkpoint(tmp_path, 2, big)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path.name for path in tmp_path.iterdir()] == ["step-000000001.safetensors"]
    assert newest_checkpoint(tmp_path)[0].state["step"] == 1


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConvwrightError, match="cannot write"):
        write_checkpoint(tmp_path / "file", 1, made())
