"""CIFAR's binary version, rows as its authors describe them."""

import numpy as np
import pytest

from convwright.data.sources.cifar_binary import LAYOUT
from convwright.data.sources.find import layout_of
from convwright.errors import ConvwrightError
from reference.small_sets import pixels, write_cifar

IMAGES = pixels(10, height=32, width=32)


def test_ten_classes_in_five_batches(tmp_path):
    assert layout_of(write_cifar(tmp_path, IMAGES)) is LAYOUT
    raw = LAYOUT.read(tmp_path)
    order = [index for batch in range(5) for index in range(10)[batch::5]]
    assert np.array_equal(raw.splits["train"].images, IMAGES[order])
    assert raw.splits["train"].labels.tolist() == [index % 2 for index in order]
    assert np.array_equal(raw.splits["test"].images, IMAGES[-1:])
    assert raw.class_names == ("cat", "dog")


def test_a_hundred_classes_are_the_fine_labels(tmp_path):
    assert layout_of(write_cifar(tmp_path, IMAGES, hundred=True)) is LAYOUT
    raw = LAYOUT.read(tmp_path)
    assert raw.splits["train"].labels.tolist() == [0, 1] * 5
    assert np.array_equal(raw.splits["train"].images, IMAGES)
    assert raw.class_names == ("cat", "dog")


def test_a_file_that_was_cut_off_is_named(tmp_path):
    write_cifar(tmp_path, IMAGES)
    file = tmp_path / "data_batch_2.bin"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(ConvwrightError, match=r"data_batch_2.bin is not whole: expected rows of 3073 bytes, got 6145"):
        LAYOUT.read(tmp_path)
    (tmp_path / "test_batch.bin").unlink()
    with pytest.raises(ConvwrightError, match=r"holds no test_batch.bin"):
        LAYOUT.read(tmp_path)
