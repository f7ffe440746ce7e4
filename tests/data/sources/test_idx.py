"""IDX files, bytes as MNIST's page describes them."""

import gzip

import numpy as np
import pytest

from convwright.data.sources.find import layout_of
from convwright.data.sources.idx import LAYOUT, read_idx
from convwright.errors import ConvwrightError
from reference.small_sets import pixels, write_idx

IMAGES = pixels(6, channels=1, height=5, width=7)


def test_zipped_and_unzipped_files_are_read(tmp_path):
    assert layout_of(write_idx(tmp_path, IMAGES)) is LAYOUT
    zipped = tmp_path / "train-images-idx3-ubyte.gz"
    zipped.with_suffix("").write_bytes(gzip.decompress(zipped.read_bytes()))
    zipped.unlink()
    raw = LAYOUT.read(tmp_path)
    assert sorted(raw.splits) == ["test", "train"]
    for part in raw.splits.values():
        assert np.array_equal(part.images, IMAGES)
        assert part.labels.tolist() == [0, 1] * 3


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (gzip.compress(b"\0\0\x08\x01\0\0\0\x09" + bytes(3)), "is not whole: expected 9 values, got 3"),
        (gzip.compress(b"\0\0\x0d\x01\0\0\0\x01" + bytes(4)), "is not an IDX file of bytes with 1 axes"),
        (gzip.compress(b"\0\0\x08\x01\0\0\0\x09" + bytes(9))[:-9], "cannot be unpacked"),
        (b"<html>not found</html>", "cannot be unpacked"),
    ],
    ids=["short", "floats", "cut off", "a page"],
)
def test_files_that_are_not_whole_are_named(tmp_path, content, message):
    path = tmp_path / "train-labels-idx1-ubyte.gz"
    path.write_bytes(content)
    with pytest.raises(ConvwrightError, match=f"train-labels-idx1-ubyte.gz {message}"):
        read_idx(path, num_axes=1)


def test_missing_and_mismatched_files(tmp_path):
    write_idx(tmp_path, IMAGES)
    write_idx(tmp_path / "other", IMAGES[:4])
    (tmp_path / "other" / "t10k-labels-idx1-ubyte.gz").replace(tmp_path / "t10k-labels-idx1-ubyte.gz")
    with pytest.raises(ConvwrightError, match="6 images, 4 labels"):
        LAYOUT.read(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(ConvwrightError, match=r"lacks IDX files: expected t10k-images-idx3-ubyte.gz and t10k-labels"):
        LAYOUT.read(tmp_path)
