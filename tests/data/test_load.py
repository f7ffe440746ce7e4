"""`load_data` from names and paths to a data set."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from convwright.data.cache import cache_folder
from convwright.data.load import load_data
from convwright.data.loader import Batches
from convwright.data.sets import EncodedSet, ImageSet
from convwright.errors import ConvwrightError
from convwright.preprocessing import Preprocessing
from reference.small_sets import (
    encoded,
    on_the_hub,
    pixels,
    write_cars,
    write_cifar,
    write_folders,
    write_hub_folder,
    write_idx,
    write_parquet,
    write_pictures,
)


def whole(data):
    return [len(part) for part in (data.train, data.validation, data.test)]


def test_cifar10_mini():
    data = load_data("cifar10-mini")
    assert whole(data) == [4500, 500, 1000]
    assert data.image_shape == (3, 32, 32)
    for part in (data.train, data.validation, data.test):
        assert torch.bincount(part.labels).tolist() == [len(part) // 10] * 10
    assert data.class_names[3] == "cat"
    assert "stored as JPEG" in data.note
    assert data.fingerprint == load_data("cifar10-mini").fingerprint != load_data("cifar10-mini", seed=1).fingerprint
    assert torch.equal(data.test.images, load_data("cifar10-mini", seed=1).test.images)


def test_digits_are_those_of_scikit_learn():
    from sklearn.datasets import load_digits

    data = load_data("digits", validation=0)
    assert whole(data) == [1438, 0, 359]
    both = torch.cat([data.train.images, data.test.images]).flatten(1)
    expected = np.rint(load_digits().data * 255 / 16)
    assert sorted(map(bytes, both.numpy())) == sorted(map(bytes, expected.astype(np.uint8)))
    assert "20.0 % of the images were drawn for the test" in data.note


@pytest.mark.parametrize("write", [write_folders, write_idx, write_cifar, write_cars], ids=lambda write: write.__name__)
def test_every_layout_loads(tmp_path, write):
    shown = {
        write_idx: lambda: pixels(20, channels=1),
        write_cifar: lambda: pixels(20, height=32, width=32),
    }.get(write, lambda: pixels(20))()
    data = load_data(write(tmp_path / "pets", shown), validation=0.2)
    assert data.num_classes == 2
    assert data.name == "pets"
    assert data.image_shape == shown.shape[1:]
    assert len(data.validation) == 2 * round(0.2 * (len(data.train) + len(data.validation)) / 2)  # of each class


def test_parts_that_came_are_kept(tmp_path):
    for seed, part in enumerate(("train", "val", "test")):
        write_folders(tmp_path / part, pixels(6 - seed, seed=seed))
    data = load_data(tmp_path)
    assert whole(data) == [6, 5, 4]
    assert data.note == ""
    order = [0, 2, 1, 3]  # cats, then dogs
    assert np.array_equal(data.test.images, pixels(4, seed=2)[order])


def test_validation_images_are_the_test_where_there_is_no_other(tmp_path):
    for part in ("train", "val"):
        write_folders(tmp_path / part, pixels(20))
    data = load_data(tmp_path)
    assert whole(data) == [18, 2, 20]
    assert data.note == "tested on what came as validation images"


def test_statistics_are_those_of_the_training_part(tmp_path):
    data = load_data(write_hub_folder(tmp_path, pixels(20), pixels(4)))
    assert torch.tensor(data.mean) == pytest.approx((data.train.images.double() / 255).mean((0, 2, 3)))


def test_changed_files_are_read_anew(tmp_path):
    first = load_data(write_hub_folder(tmp_path, pixels(20), pixels(4)))
    second = load_data(write_hub_folder(tmp_path, pixels(20, seed=1), pixels(4)))
    assert first.fingerprint != second.fingerprint


def test_corrupt_images_are_counted(tmp_path):
    contents = [encoded(image) for image in pixels(20)]
    contents[3] = b"cut off"
    path = write_parquet(tmp_path / "pets.parquet", contents, [0, 1] * 10)
    with pytest.raises(ConvwrightError, match=r"row 3 of column img of .*pets.parquet cannot be decoded"):
        load_data(path)
    data = load_data(path, skip_corrupt=True, validation=0.2)
    assert sum(whole(data)) == 19
    assert "1 corrupt image left out" in data.note


@pytest.mark.parametrize("write", [write_folders, write_cars, write_hub_folder], ids=lambda write: write.__name__)
def test_a_large_set_stays_encoded_and_is_the_same(tmp_path, write):
    shown = pixels(20, height=12, width=9)
    path = write(tmp_path / "pets", shown, *([shown[:4]] if write is write_hub_folder else []))
    memory, files = (load_data(path, image_size=8, validation=0.2, memory_bytes=limit) for limit in (10**9, 0))
    assert whole(memory) == whole(files)
    for part in ("train", "validation", "test"):
        expected, made = getattr(memory, part), getattr(files, part)
        assert isinstance(made, EncodedSet)
        assert torch.equal(made.labels, expected.labels)
        assert torch.equal(torch.stack([made.image(index) for index in range(len(made))]), expected.images)
    assert (files.mean, files.std, files.class_names, files.note) == (
        memory.mean, memory.std, memory.class_names, memory.note
    )  # fmt: skip
    again = load_data(path, image_size=8, validation=0.2, memory_bytes=0)
    assert again.fingerprint == files.fingerprint != load_data(path, image_size=8, memory_bytes=0, seed=1).fingerprint


def test_whole_images_are_kept_for_crops_where_some_would_be_resized(tmp_path):
    path = write_folders(tmp_path, pixels(20))
    assert isinstance(load_data(path, whole_images=True).train, ImageSet)
    assert isinstance(load_data(path, whole_images=True, image_size=6).train, EncodedSet)
    changed = load_data(path, memory_bytes=0).fingerprint
    write_folders(tmp_path, pixels(1, seed=5))
    assert load_data(path, memory_bytes=0).fingerprint != changed


def test_corrupt_images_of_a_large_set_are_counted_beforehand_or_named_on_the_way(tmp_path):
    path = write_folders(tmp_path / "pets", pixels(20, height=40, width=40))
    bad = path / "cat" / "0004.png"
    bad.write_bytes(bad.read_bytes()[:2000])
    data = load_data(path, skip_corrupt=True, memory_bytes=0, validation=0)
    assert sum(whole(data)) == 19
    assert "1 corrupt image left out" in data.note
    with pytest.raises(ConvwrightError, match=r"0004.png cannot be decoded"):
        load_data(path, memory_bytes=0, validation=0)  # which measures the training images


def test_names_are_looked_for_in_the_folder_of_data(tmp_path, monkeypatch):
    write_hub_folder(tmp_path / "cifar10-jpeg", pixels(20), pixels(4), names=())
    write_folders(tmp_path / "pets", pixels(20))
    monkeypatch.setenv("CONVWRIGHT_DATA", str(tmp_path))
    data = load_data("cifar10")
    assert data.name == "cifar10"
    assert data.class_names[:2] == ("airplane", "automobile")  # the files have no names: the table does
    assert load_data("pets").class_names == ("cat", "dog")
    assert load_data(tmp_path / "pets").name == "pets"  # a path is one, whatever the folder holds
    monkeypatch.delenv("CONVWRIGHT_DATA")
    assert load_data("cifar10", data_folder=tmp_path).fingerprint == data.fingerprint


def test_the_hub_is_asked_once(monkeypatch):
    monkeypatch.delenv("CONVWRIGHT_DATA", raising=False)
    asked = on_the_hub(monkeypatch, image="image", label="label")
    assert whole(load_data("mnist", validation=0.5)) == [2, 2, 4]
    number = len(asked)
    load_data("mnist", validation=0.5)
    assert len(asked) == number == 2


def test_imagenet_comes_from_the_hub_and_stays_encoded(monkeypatch):
    monkeypatch.delenv("CONVWRIGHT_DATA", raising=False)
    asked = on_the_hub(monkeypatch, image="image", label="label")
    data = load_data("imagenet-1k", validation=0.5, memory_bytes=4 * 3 * 224 * 224)
    assert asked[:2] == [("ILSVRC/imagenet-1k", None, "train"), ("ILSVRC/imagenet-1k", None, "validation")]
    assert whole(data) == [2, 2, 4]
    assert data.image_shape == (3, 224, 224)
    batches = Batches(data.train, batch_size=2, seed=0, mean=data.mean, std=data.std, num_workers=1)
    assert [tuple(images.shape) for images, _ in batches.epoch(0)] == [(2, 3, 224, 224)]


def test_what_is_unknown_is_said(tmp_path, monkeypatch):
    with pytest.raises(ConvwrightError, match=r"unknown data set 'cifar11'.*did you mean"):
        load_data("cifar11")
    with pytest.raises(ConvwrightError, match=r"data_folder .*none is not a folder"):
        load_data("mnist", data_folder=tmp_path / "none")
    write_folders(tmp_path / "few", pixels(6))
    with pytest.raises(ConvwrightError, match=r"validation=0.01 of 4 images is none of them"):
        load_data(tmp_path / "few", validation=0.01)
    for option in ({"validation": 1.0}, {"image_size": 0}):
        with pytest.raises(ConvwrightError, match=next(iter(option))):
            load_data("digits", **option)
    monkeypatch.setenv("CONVWRIGHT_DATA", str(tmp_path / "none"))  # as in CI, where it may not be there
    assert load_data("digits").num_classes == 10


SHARED = Path(os.environ.get("CONVWRIGHT_DATA") or Path(__file__).parents[3] / "shared" / "data")


@pytest.mark.skipif(not (SHARED / "hymenoptera").exists(), reason="the photographs are not here")
def test_real_photographs():
    data = load_data("hymenoptera", data_folder=SHARED)
    assert data.class_names == ("ants", "bees")
    assert data.image_shape == (3, 224, 224)
    assert "JPEG" not in data.note


LITE = Preprocessing(resize_px=18, crop_px=12, mean=(0.5, 0.4, 0.3), std=(0.2, 0.3, 0.4), interpolation="bicubic")


@pytest.mark.parametrize("options", [{}, {"memory_bytes": 0}, {"whole_images": True}], ids=str)
@pytest.mark.parametrize("prepare", [LITE, replace(LITE, interpolation="nearest", resize_px=12)])
def test_prepared_images_are_those_the_weights_want_of_any_mode_and_size(tmp_path, options, prepare):
    paths = write_pictures(tmp_path)
    data = load_data(tmp_path, preprocessing=prepare, validation=0.2, **options)
    assert isinstance(data.train, EncodedSet if options else ImageSet)
    assert (data.image_shape, data.mean, data.std) == ((3, 12, 12), prepare.mean, prepare.std)
    found, batched = [], []
    for part in (data.train, data.validation, data.test):
        images = part.images if isinstance(part, ImageSet) else [part.image(index) for index in range(len(part))]
        found += [image.numpy().tobytes() for image in images]
        batches = Batches(part, batch_size=3, seed=0, mean=data.mean, std=data.std, drop_last=False, num_workers=0)
        batched += [image for images, _ in batches.in_order() for image in images]
    opened = [Image.open(path) for path in paths]
    assert sorted(found) == sorted(prepare.pixels(image).tobytes() for image in opened)
    wanted = {prepare.pixels(image).tobytes(): prepare(image) for image in opened}
    for pixels_, normalized in zip(found, batched, strict=True):
        torch.testing.assert_close(normalized, wanted[pixels_], rtol=1e-5, atol=1e-5)


def test_decoded_arrays_are_prepared_as_images_are(tmp_path):
    gray = pixels(20, channels=1)
    data = load_data(write_idx(tmp_path, gray), preprocessing=LITE, validation=0)
    expected = [LITE.pixels(Image.fromarray(image[0])) for image in gray]
    assert torch.equal(data.test.images, torch.tensor(np.stack(expected)))


def test_the_cache_tells_preprocessings_apart_and_shares_what_is_the_same(tmp_path):
    path = write_folders(tmp_path / "pets", pixels(20, height=20, width=30))
    plain, lite = load_data(path, validation=0.2, image_size=12), load_data(path, validation=0.2, preprocessing=LITE)
    others = [
        load_data(path, validation=0.2, preprocessing=replace(LITE, **changes))
        for changes in ({"resize_px": 12}, {"crop_px": 11}, {"interpolation": "bilinear"})
    ]
    sets = [plain, lite, *others]
    assert len({data.train.fingerprint for data in sets}) == len({data.fingerprint for data in sets}) == 5
    entries = len(list(cache_folder().glob("*.lock")))
    brighter = load_data(path, validation=0.2, preprocessing=replace(LITE, mean=(0.1, 0.1, 0.1)))
    assert len(list(cache_folder().glob("*.lock"))) == entries
    assert torch.equal(brighter.train.images, lite.train.images)
    assert brighter.fingerprint != lite.fingerprint
    assert lite.to_dict()["preprocessing"] == LITE.to_dict()
    assert plain.to_dict()["preprocessing"] is None
    encoded_sets = [
        load_data(path, validation=0.2, memory_bytes=0, preprocessing=each)
        for each in (LITE, replace(LITE, resize_px=12))
    ]
    assert len({data.train.fingerprint for data in encoded_sets}) == 2


def test_a_size_beside_a_preprocessing_is_refused(tmp_path):
    with pytest.raises(ConvwrightError, match="image_size: expected none beside a preprocessing"):
        load_data(tmp_path, image_size=32, preprocessing=LITE)
