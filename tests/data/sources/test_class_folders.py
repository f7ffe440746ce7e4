"""A folder for each class."""

import pytest

from convwright.data.sources.class_folders import LAYOUT
from convwright.data.sources.find import layout_of
from convwright.errors import ConvwrightError
from reference.small_sets import pixels, write_folders


def test_a_flat_folder_is_all_training(tmp_path):
    assert layout_of(write_folders(tmp_path, pixels(5))) is LAYOUT
    (tmp_path / "cat" / "notes.txt").write_text("not an image")
    raw = LAYOUT.read(tmp_path)
    assert raw.class_names == ("cat", "dog")
    assert list(raw.splits) == ["train"]
    part = raw.splits["train"]
    assert part.labels.tolist() == [0, 0, 0, 1, 1]
    assert part.images.place(1) == str(tmp_path / "cat" / "0002.png")


def test_parts_are_named_in_several_ways(tmp_path):
    for part in ("train", "val", "test"):
        write_folders(tmp_path / part, pixels(2))
    assert sorted(LAYOUT.read(tmp_path).splits) == ["test", "train", "validation"]


def test_what_is_wrong_is_named(tmp_path):
    write_folders(tmp_path / "val", pixels(2))
    with pytest.raises(ConvwrightError, match=r"holds val but no train; name the folder"):
        LAYOUT.read(tmp_path)
    (tmp_path / "train").mkdir()
    with pytest.raises(ConvwrightError, match="train holds no folders"):
        LAYOUT.read(tmp_path)
    write_folders(tmp_path / "train", pixels(2))
    (tmp_path / "train" / "bird").mkdir()
    with pytest.raises(ConvwrightError, match="bird holds no images"):
        LAYOUT.read(tmp_path)
    (tmp_path / "train" / "bird").rmdir()
    write_folders(tmp_path / "val", pixels(1), ("dogs",))
    with pytest.raises(ConvwrightError, match=r"unknown class 'dogs'.*did you mean dog\?"):
        LAYOUT.read(tmp_path)


def test_a_folder_of_nothing_fits_no_layout(tmp_path):
    (tmp_path / "readme.txt").write_text("empty")
    with pytest.raises(ConvwrightError, match=r"is no data set that can be read: expected CIFAR's binary version"):
        layout_of(tmp_path)
