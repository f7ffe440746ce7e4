"""Stanford Cars as its archives unpack."""

import pytest

from convwright.data.sources.cars import LAYOUT
from convwright.data.sources.find import layout_of
from convwright.errors import ConvwrightError
from reference.small_sets import pixels, write_cars


def test_labels_are_counted_from_zero_and_names_have_their_words(tmp_path):
    assert layout_of(write_cars(tmp_path, pixels(4))) is LAYOUT
    raw = LAYOUT.read(tmp_path)
    assert raw.class_names == ("AM General Hummer SUV 2000", "Acura RL Sedan 2012")
    for part in ("train", "test"):
        assert raw.splits[part].labels.tolist() == [0, 1, 0, 1]
        images = raw.splits[part].images
        assert images.place(2) == str(tmp_path / f"cars_{part}" / "00003.jpg")
        assert images.read(2) == (tmp_path / f"cars_{part}" / "00003.jpg").read_bytes()


def test_without_the_labels_of_the_test_the_missing_file_is_named(tmp_path):
    write_cars(tmp_path, pixels(2), labeled_test=False)
    with pytest.raises(ConvwrightError, match=r"lacks cars_test_annos_withlabels.mat; the test labels come as a file"):
        LAYOUT.read(tmp_path)


def test_a_file_that_is_no_matlab_file_is_named(tmp_path):
    write_cars(tmp_path, pixels(2))
    (tmp_path / "devkit" / "cars_meta.mat").write_text("<html>not found</html>" * 20)
    with pytest.raises(ConvwrightError, match=r"cars_meta.mat is not a MATLAB file"):
        LAYOUT.read(tmp_path)
