"""cifar10-mini: what ships is what its README says."""

import io
import os
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from PIL import Image

from convwright.data.mini import mini_folder
from convwright.data.mini.build import PER_CLASS, build_mini
from convwright.errors import ConvwrightError
from reference.small_sets import encoded, pixels, write_parquet

FULL = [
    Path(folder) / "cifar10-jpeg"
    for folder in (os.environ.get("CONVWRIGHT_DATA", ""), Path(__file__).parents[3].parent / "shared" / "data")
    if folder
]


@pytest.fixture(scope="module")
def tables():
    return {split: pq.read_table(mini_folder() / f"{split}.parquet").to_pylist() for split in PER_CLASS}


def test_classes_are_balanced_and_images_small_rgb_jpegs(tables):
    for split, per_class in PER_CLASS.items():
        labels = [row["label"] for row in tables[split]]
        assert {label: labels.count(label) for label in range(10)} == dict.fromkeys(range(10), per_class)
        assert len(labels) == 10 * per_class
        for row in tables[split]:
            with Image.open(io.BytesIO(row["img"]["bytes"])) as image:
                assert (image.size, image.mode, image.format) == ((32, 32), "RGB", "JPEG")


def test_no_picture_is_twice(tables):
    decoded = [Image.open(io.BytesIO(row["img"]["bytes"])).tobytes() for rows in tables.values() for row in rows]
    assert len(set(decoded)) == len(decoded) == 6000


def test_the_readme_says_the_true_sizes():
    text = (mini_folder() / "README.md").read_text()
    for split in PER_CLASS:
        assert f"{(mini_folder() / f'{split}.parquet').stat().st_size:,}" in text


def test_building_takes_the_first_of_each_class(tmp_path, monkeypatch):
    monkeypatch.setitem(PER_CLASS, "train", 2)
    monkeypatch.setitem(PER_CLASS, "test", 1)
    contents = [encoded(image) for image in pixels(6)]
    for split in PER_CLASS:
        write_parquet(tmp_path / f"{split}.parquet", contents, [1, 0, 1, 1, 0, 0])
    build_mini(tmp_path, tmp_path / "made")
    made = pq.read_table(tmp_path / "made" / "train.parquet").to_pylist()
    assert [row["img"]["bytes"] for row in made] == [contents[index] for index in (0, 1, 2, 4)]
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == ["test.parquet", "train.parquet"]
    monkeypatch.setitem(PER_CLASS, "train", 4)
    with pytest.raises(ConvwrightError, match="class 0: expected at least 4 images, got 3"):
        build_mini(tmp_path, tmp_path / "made")


@pytest.mark.skipif(not any(path.exists() for path in FULL), reason="the whole set is not here")
def test_the_shipped_images_are_those_that_the_script_takes(tmp_path, tables):
    build_mini(next(path for path in FULL if path.exists()), tmp_path)
    for split, rows in tables.items():
        assert pq.read_table(tmp_path / f"{split}.parquet").to_pylist() == rows
