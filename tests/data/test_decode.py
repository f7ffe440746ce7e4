"""From data sets as they lie to arrays of one form."""

import numpy as np
import pytest
import torch

from convwright.data.decode import decode_into
from convwright.data.sources.raw import RawData, RawPart
from convwright.errors import ConvwrightError
from reference.small_sets import Contents, encoded, pixels

NAMES = ("cat", "dog")


def raw_of(contents, labels=None, **parts):
    labels = np.array([index % 2 for index in range(len(contents))] if labels is None else labels)
    return RawData(parts={"train": RawPart(images=Contents(contents), labels=labels)} | parts, class_names=NAMES)


def arrays(folder, facts):
    return {
        name: np.fromfile(folder / f"{name}.bin", dtype=specification["dtype"]).reshape(specification["shape"])
        for name, specification in facts["arrays"].items()
    }


def decode(folder, raw, *, image_size=None, skip_corrupt=False):
    facts = decode_into(folder, raw, image_size=image_size, skip_corrupt=skip_corrupt)
    return arrays(folder, facts), facts


def test_images_of_one_size_stay_as_they_are_and_in_order(tmp_path):
    shown = pixels(300)
    made, facts = decode(tmp_path, raw_of([encoded(image) for image in shown]))
    assert np.array_equal(made["train.images"], shown)
    assert made["train.labels"].tolist() == [0, 1] * 150
    assert facts["class_names"] == ["cat", "dog"]
    assert facts["num_skipped"] == 0
    assert facts["is_small_jpeg"] is False


def test_unlike_sizes_are_brought_to_224_and_one_color_image_makes_all_color(tmp_path):
    contents = [encoded(pixels(1, channels=1)[0])] * 200 + [encoded(pixels(1, height=9)[0])]
    made, _ = decode(tmp_path, raw_of(contents))
    assert made["train.images"].shape == (201, 3, 224, 224)
    made, _ = decode(tmp_path, raw_of(contents), image_size=6)
    assert made["train.images"].shape == (201, 3, 6, 6)


def test_decoded_images_are_resized_too(tmp_path):
    flat = np.full((2, 1, 8, 8), 77, dtype=np.uint8)
    raw = RawData(parts={"train": RawPart(images=flat, labels=np.array([0, 1]))})
    made, facts = decode(tmp_path, raw, image_size=5)
    assert made["train.images"].shape == (2, 1, 5, 5)
    assert (made["train.images"] == 77).all()
    assert facts["class_names"] == ["0", "1"]


def test_a_corrupt_image_is_named_or_left_out(tmp_path):
    contents = [encoded(image) for image in pixels(6)]
    contents[0] = contents[3] = b"cut off"
    with pytest.raises(ConvwrightError, match=r"image 0 cannot be decoded .*skip_corrupt"):
        decode(tmp_path, raw_of(contents))
    contents[0] = encoded(pixels(1)[0])
    with pytest.raises(ConvwrightError, match=r"image 3 cannot be decoded"):
        decode(tmp_path, raw_of(contents))
    contents[0] = b"cut off"
    made, facts = decode(tmp_path, raw_of(contents), skip_corrupt=True)
    assert facts["num_skipped"] == 2
    assert np.array_equal(made["train.images"], pixels(6)[[1, 2, 4, 5]])
    assert made["train.labels"].tolist() == [1, 0, 0, 1]
    with pytest.raises(ConvwrightError, match="no training image can be decoded"):
        decode(tmp_path, raw_of([b"x", b"y"]), skip_corrupt=True)


def test_a_part_with_nothing_but_corrupt_images_is_refused(tmp_path):
    test = RawPart(images=Contents([b"x"]), labels=np.array([0]))
    with pytest.raises(ConvwrightError, match="no test image can be decoded"):
        decode(tmp_path, raw_of([encoded(image) for image in pixels(2)], test=test), skip_corrupt=True)


def test_labels_are_checked(tmp_path):
    contents = [encoded(image) for image in pixels(3)]
    with pytest.raises(ConvwrightError, match=r"the label of image 1: expected from 0 to 1, got 2"):
        decode(tmp_path, raw_of(contents, [0, 2, 1]))
    with pytest.raises(ConvwrightError, match=r"got -1; -1 stands for a hidden label"):
        decode(tmp_path, raw_of(contents, [0, 1, -1]))
    with pytest.raises(ConvwrightError, match=r"all of one class: expected two classes or more"):
        decode(tmp_path, raw_of(contents, [1, 1, 1]))
    empty = RawPart(images=np.empty((0, 3, 8, 8), dtype=np.uint8), labels=np.empty(0, dtype=np.int64))
    with pytest.raises(ConvwrightError, match=r"the test part holds no images"):
        decode(tmp_path, raw_of(contents, test=empty))


def test_resizing_is_torchs_antialiased_one(tmp_path):
    shown = pixels(3, height=20, width=20)
    raw = RawData(parts={"train": RawPart(images=shown, labels=np.array([0, 1, 0]))})
    made, _ = decode(tmp_path, raw, image_size=10)
    expected = torch.nn.functional.interpolate(torch.tensor(shown).float(), (10, 10), mode="bilinear", antialias=True)
    assert (torch.tensor(made["train.images"]).float() - expected).abs().max() <= 0.5
