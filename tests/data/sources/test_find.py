"""Data sets by name or path, before they are read."""

import pytest

from convwright.data.cache import key_of
from convwright.data.sources.find import data_names, find_source, folder_of_data_sets, local_data_names
from convwright.data.sources.named import NAMED
from convwright.errors import ConvwrightError
from reference.small_sets import pixels, write_folders, write_hub_folder


def test_what_ships_comes_first_then_the_folder_then_the_hub_then_a_path(tmp_path):
    for name in ("digits", "mnist", "pets"):
        write_folders(tmp_path / name, pixels(4))
    assert find_source("digits", tmp_path).files == ()
    assert {file.parent.parent for file in find_source("mnist", tmp_path).files} == {tmp_path / "mnist"}
    assert find_source("mnist", None).identity == (NAMED["mnist"].hub_id, None)
    source = find_source(tmp_path / "pets", None)
    assert (source.name, source.identity, len(source.files)) == ("pets", ("pets", "a folder for each class"), 4)
    with pytest.raises(ConvwrightError, match=r"unknown data set 'pet'"):
        find_source("pet", tmp_path)


def test_a_source_is_read_once_and_takes_class_names_from_the_table(tmp_path):
    write_hub_folder(tmp_path / "cifar10", pixels(4), pixels(4), names=())
    source = find_source("cifar10", tmp_path)
    assert source.raw is source.raw
    assert source.raw.class_names == NAMED["cifar10"].class_names
    assert find_source(tmp_path / "cifar10", None).published is NAMED["cifar10"]


def test_the_keys_of_the_cache_are_those_of_entries_that_were_written_before():
    source = find_source("digits", None)
    assert key_of([*source.identity, {"image_size": None}], source.files) == key_of(["digits", {"image_size": None}])


def test_names(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVWRIGHT_DATA", str(tmp_path))
    assert local_data_names() == ["cifar10-mini", "digits"]
    write_folders(tmp_path / "MNIST", pixels(4))
    assert local_data_names() == ["cifar10-mini", "digits", "mnist"]
    assert {"cifar10", "digits", "imagenet-1k"} <= set(data_names())


def test_the_folder_of_data_sets(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVWRIGHT_DATA", str(tmp_path))
    assert folder_of_data_sets() == tmp_path
    monkeypatch.setenv("CONVWRIGHT_DATA", str(tmp_path / "none"))
    assert folder_of_data_sets() is None
    assert folder_of_data_sets(tmp_path) == tmp_path
    with pytest.raises(ConvwrightError, match=r"data_folder .*none is not a folder"):
        folder_of_data_sets(tmp_path / "none")
