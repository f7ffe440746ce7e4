"""Oxford-IIIT Pet as its archives unpack."""

import pytest

from convwright.data import load_data
from convwright.data.sources.find import layout_of
from convwright.data.sources.pets import LAYOUT
from convwright.errors import ConvwrightError
from reference.small_sets import pixels, write_pets


def test_lists_say_which_photographs_are_of_what(tmp_path):
    assert layout_of(write_pets(tmp_path, pixels(4))) is LAYOUT
    raw = LAYOUT.read(tmp_path)
    assert raw.class_names == ("Abyssinian", "american bulldog")
    for part, first in (("train", 1), ("test", 101)):
        assert raw.splits[part].labels.tolist() == [0, 1, 0, 1]
        assert raw.splits[part].images.place(2) == str(tmp_path / "images" / f"Abyssinian_{first + 2}.jpg")
    assert not [path for path in LAYOUT.files(tmp_path) if path.suffix == ".mat"]


def test_the_name_finds_the_folder_and_what_is_missing_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVWRIGHT_CACHE", str(tmp_path / "cache"))
    write_pets(tmp_path / "oxford-iiit-pet", pixels(20))
    data = load_data("oxford-pets", data_folder=tmp_path)
    assert data.class_names == ("Abyssinian", "american bulldog")
    assert (len(data.train), len(data.validation), len(data.test)) == (18, 2, 20)
    said = "not all of oxford-pets: 40 images of 2 classes, where 7,349 images of 37 classes were published"
    assert said in data.note


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("Abyssinian_7 0 1 1", r"line 6 of .*trainval.txt: expected name, class from 1, species, breed"),
        ("Abyssinian_7", r"line 6 of .*trainval.txt"),
        ("Bengal_7 2 1 2", r"class 2 in .*: expected images of american bulldog, got one of Bengal"),
        ("Bengal_7 4 1 2", "is of class 3"),
    ],
)
def test_a_list_that_cannot_be_right_is_named(tmp_path, line, told):
    lines = write_pets(tmp_path, pixels(4)) / "annotations/trainval.txt"
    lines.write_text(f"{lines.read_text()}{line}\n")
    with pytest.raises(ConvwrightError, match=told):
        LAYOUT.read(tmp_path)


def test_a_photograph_that_is_not_there_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVWRIGHT_CACHE", str(tmp_path / "cache"))
    write_pets(tmp_path / "pets", pixels(4))
    (tmp_path / "pets/images/Abyssinian_3.jpg").unlink()
    with pytest.raises(ConvwrightError, match=r"Abyssinian_3\.jpg"):
        load_data(tmp_path / "pets")
