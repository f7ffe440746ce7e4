"""Sets of images: statistics, fingerprints, subsets."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torchvision.transforms import v2

from convwright.data import sets
from convwright.data.crops import crop_boxes, crop_numbers, cropped
from convwright.data.pictures import Form, decoded
from convwright.data.sets import ImageData, ImageSet, channel_statistics, sampled_statistics
from convwright.errors import ConvwrightError
from convwright.preprocessing import Preprocessing
from reference.small_sets import encoded, encoded_set, picture, pixels


def images(number=6, channels=3, size=4):
    return torch.randint(0, 256, (number, channels, size, size), dtype=torch.uint8)


def image_set(number=6):
    return ImageSet(images=images(number), labels=torch.arange(number) % 2)


@given(st.integers(1, 5), st.integers(1, 4), st.integers(1, 6))
def test_statistics_are_those_of_the_pixels(number, channels, size):
    shown = images(number, channels, size)
    values = shown.double() / 255
    mean, std = channel_statistics(shown)
    torch.testing.assert_close(torch.tensor(mean).double(), values.mean((0, 2, 3)), atol=1e-6, rtol=0)
    torch.testing.assert_close(torch.tensor(std).double(), values.std((0, 2, 3), correction=0), atol=1e-6, rtol=0)


def test_a_fingerprint_sees_pixels_labels_and_order():
    original = image_set()
    brighter, relabeled = original.images.clone(), original.labels.clone()
    brighter[0, 0, 0, 0] ^= 1
    relabeled[0] = 1
    others = [
        ImageSet(images=brighter, labels=original.labels),
        ImageSet(images=original.images, labels=relabeled),
        original.subset(torch.tensor([1, 0, 2, 3, 4, 5])),
    ]
    assert len({each.fingerprint for each in (original, *others)}) == 4
    assert original.subset(torch.arange(6)).fingerprint == original.fingerprint


def test_data_says_what_it_is():
    parts = {"train": image_set(), "validation": image_set(2), "test": image_set(4)}
    data = ImageData(name="made", class_names=("cat", "dog"), mean=(0.5,) * 3, std=(0.2,) * 3, **parts)
    assert data.num_classes == 2
    assert data.image_shape == (3, 4, 4)
    assert data.to_dict()["num_images"] == {"train": 6, "validation": 2, "test": 4}
    swapped = {**parts, "validation": parts["test"], "test": parts["validation"]}
    other = ImageData(name="made", class_names=("cat", "dog"), mean=(0.5,) * 3, std=(0.2,) * 3, **swapped)
    assert other.fingerprint != data.fingerprint
    with pytest.raises(AttributeError):
        data.name = "other"


def test_encoded_images_are_measured_as_decoded_ones_and_many_by_some_of_them(monkeypatch):
    shown = images(10)
    files = encoded_set([encoded(image.numpy()) for image in shown], size=4)
    assert sampled_statistics(files) == channel_statistics(shown)
    monkeypatch.setattr(sets, "_MOST_MEASURED", 5)
    assert sampled_statistics(files) == channel_statistics(shown[::2])


SHOWN = pixels(6, height=20, width=16)


def test_images_are_those_that_decoding_gives():
    images = encoded_set([encoded(image) for image in SHOWN], size=12)
    assert len(images) == 6
    assert images.image_shape == (3, 12, 12)
    for index in range(6):
        assert np.array_equal(images.image(index), decoded(encoded(SHOWN[index]), images.form))


def test_crops_are_taken_from_whole_images():
    images = encoded_set([encoded(image) for image in SHOWN], size=12)
    numbers = crop_numbers(6, torch.Generator().manual_seed(0))
    for index in range(6):
        (box,) = crop_boxes(numbers[index : index + 1], 20, 16, 0.3)
        expected = cropped(torch.tensor(SHOWN[index]), box, 12, 12)
        assert torch.equal(images.crop(index, numbers[index], 0.3), expected)


def test_weights_say_how_images_and_crops_are_resized():
    prepare = Preprocessing(resize_px=14, crop_px=12, interpolation="bicubic")
    images = replace(encoded_set([encoded(image) for image in SHOWN], size=12), form=Form.of(prepare))
    numbers = crop_numbers(6, torch.Generator().manual_seed(0))
    for index in range(6):
        assert np.array_equal(images.image(index), prepare.pixels(picture(SHOWN[index])))
        (box,) = crop_boxes(numbers[index : index + 1], 20, 16, 0.3)
        mode = v2.InterpolationMode.BICUBIC
        expected = v2.functional.resized_crop(torch.tensor(SHOWN[index]), *box.tolist(), [12, 12], mode)
        assert torch.equal(images.crop(index, numbers[index], 0.3), expected)


def test_a_subset_of_an_encoded_set_reads_its_own_images():
    contents = [encoded(image) for image in SHOWN]
    some = encoded_set(contents, size=12).subset(torch.tensor([4, 1]))
    assert some.labels.tolist() == [0, 1]
    assert np.array_equal(some.image(0), decoded(contents[4], some.form))


def test_a_fingerprint_of_an_encoded_set_sees_bytes_labels_order_and_form():
    contents = [encoded(image) for image in SHOWN]
    original = encoded_set(contents, size=12)
    others = [
        encoded_set([*contents[:5], contents[0]], size=12),
        encoded_set(contents, size=13),
        original.subset(torch.tensor([2, 1, 0, 3, 4, 5])),
        original.subset(torch.arange(5)),
    ]
    others += [
        replace(original, form=Form.of(Preprocessing(resize_px=resize, crop_px=12, interpolation=mode)))
        for resize, mode in ((12, "bilinear"), (14, "bilinear"), (14, "bicubic"))
    ]
    assert len({each.fingerprint for each in (original, *others)}) == 8
    assert original.subset(torch.arange(6)).fingerprint == original.fingerprint == encoded_set(contents, 12).fingerprint


def test_a_damaged_image_is_named():
    images = encoded_set([encoded(SHOWN[0]), encoded(SHOWN[1], "JPEG")[:500]], size=12)
    for call in (lambda: images.image(1), lambda: images.crop(1, torch.rand(10, 4), 0.1)):
        with pytest.raises(ConvwrightError, match=r"image 1 cannot be decoded .*skip_corrupt"):
            call()
